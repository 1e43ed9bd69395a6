"""Each team's store opens its own secrets and what is shared: each refusal beside what it may, on the local AWS."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bootstrap.verification.aws import AwsView
from tests.cluster.teams.conftest import VALUES, Teams
from tests.local_stack import Running, eventually

SHARED = "ClusterSecretStore/shared"
ROLE = "teams-prod-team-payments"


def test_a_preview_said_what_it_costs(teams: Teams) -> None:
    rows = [line.split() for line in teams.preview.splitlines()]
    assert ["payments", "2,190", "0.42"] in rows  # 3 ExternalSecrets an hour, one container
    assert ["search", "58,400", "0.87"] in rows  # 20 every 15 minutes
    assert teams.engine.outputs()["estimate"] == {"payments": 2190, "search": 58400, "shared": 0}


def test_a_team_reads_its_own_secrets_and_what_is_shared(teams: Teams) -> None:
    assert teams.outcome("payments", "payments/api") == VALUES["payments/api"]
    assert teams.outcome("search", "search/index") == VALUES["search/index"]
    assert teams.outcome("payments", "shared/ca", SHARED) == VALUES["shared/ca"]


def test_the_manager_refuses_another_teams_prefix(teams: Teams) -> None:
    for namespace, name, store in (
        ("payments", "search/index", "SecretStore/team"),
        ("search", "payments/api", "SecretStore/team"),
        ("payments", "search/index", SHARED),
        ("payments", "shared/ca", "SecretStore/team"),
    ):
        assert "AccessDeniedException" in teams.outcome(namespace, name, store), (namespace, name, store)


def test_a_namespace_outside_has_no_store(teams: Teams) -> None:
    """`apps` is of the running environment and of no team; the operator may write there."""
    assert "not found" in teams.outcome("apps", "payments/api")
    assert "not allowed from namespace" in teams.outcome("apps", "shared/ca", SHARED)


def test_a_team_may_not_use_the_environments_own_store(teams: Teams) -> None:
    assert "not allowed from namespace" in teams.outcome("payments", "payments/api", "ClusterSecretStore/prod")


def test_another_service_account_does_not_become_the_team(teams: Teams, running: Running) -> None:
    from tests.cluster.test_isolation import assume_with

    view: AwsView = running.prod
    role = f"arn:aws:iam::123456789012:role/{ROLE}"

    def may(namespace: str, name: str) -> bool:
        try:
            assume_with(view, role, view.service_account_token("sts.amazonaws.com", namespace=namespace, name=name))
        except view.client(view.deployer, "sts").exceptions.ClientError:
            return False
        return True

    assert may("payments", "external-secrets-team")
    assert not may("search", "external-secrets-team")
    assert not may("payments", "default")


@contextmanager
def _role_reads_the_environment(view: AwsView) -> Iterator[None]:
    """The team's policy names the environment's prefix instead of the team's."""
    iam = view.client(view.deployer, "iam")
    kept = json.dumps(iam.get_role_policy(RoleName=ROLE, PolicyName="read-secrets")["PolicyDocument"])
    wide = kept.replace("teams/prod/payments/*", "teams/prod/*")
    assert wide != kept
    iam.put_role_policy(RoleName=ROLE, PolicyName="read-secrets", PolicyDocument=wide)
    yield
    iam.put_role_policy(RoleName=ROLE, PolicyName="read-secrets", PolicyDocument=kept)


@contextmanager
def _container_lets_the_role_in(view: AwsView, container: str) -> Iterator[None]:
    manager = view.client(view.deployer, "secretsmanager")
    kept = manager.get_resource_policy(SecretId=container)["ResourcePolicy"]
    wide: dict[str, Any] = json.loads(kept)
    wide["Statement"][0]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"].append(
        f"arn:aws:iam::123456789012:role/{ROLE}"
    )
    manager.put_resource_policy(SecretId=container, ResourcePolicy=json.dumps(wide))
    yield
    manager.put_resource_policy(SecretId=container, ResourcePolicy=kept)


def test_it_is_the_policies_that_refuse(teams: Teams, running: Running) -> None:
    """Each of the two is enough: only with both taken away does the team read another's secret."""
    view: AwsView = running.prod
    with _role_reads_the_environment(view):
        assert "AccessDeniedException" in teams.outcome("payments", "search/index")
        with _container_lets_the_role_in(view, teams.key("search/index")):
            assert teams.outcome("payments", "search/index") == VALUES["search/index"]
    assert "AccessDeniedException" in teams.outcome("payments", "search/index")


def test_the_operators_pod_holds_what_its_own_account_may(running: Running) -> None:
    """Why teams need `identity.serviceAccountRef`: the stack `local` has none, so its operator's pod holds the role of
    the whole environment, and a SecretStore that names nobody takes what the pod holds (external-secrets,
    `constructCredsProvider`). That such a store reads is not seen here: the SDK's own way to STS leads to AWS.
    """
    held = {one.get("AWS_ROLE_ARN") for one in running.prod.operator_environments()}
    assert running.prod.references["identityRoleArn"] in held


def test_quotas_on_refresh(teams: Teams) -> None:
    def ask(name: str, namespace: str, **spec: Any) -> tuple[int, str]:
        answer = teams.post(name, namespace, teams.key("payments/api"), **spec)
        return answer.status_code, answer.json().get("message", "")

    @eventually(30)  # a policy counts some seconds after it is written
    def refused() -> None:
        code, message = ask("often", "search", refreshInterval="14m")
        assert (code, "shorter than 15m" in message) == (422, True), message

    refused()
    assert ask("often", "payments", refreshInterval="15m")[0] == 422  # this team's minimum is an hour

    @eventually(60)  # a quota refuses nothing before its controller has counted what is there
    def counted() -> None:
        (quota,) = teams.view.get("/api/v1/namespaces/payments/resourcequotas")["items"]
        assert quota.get("status", {}).get("used") == {"count/externalsecrets.external-secrets.io": "0"}

    counted()
    try:
        made = [ask(f"quota-{index}", "payments", refreshPolicy="CreatedOnce")[0] for index in range(3)]
        assert made == [201] * 3
        code, message = ask("quota-3", "payments", refreshPolicy="CreatedOnce")
        assert (code, "exceeded quota" in message) == (403, True), message
    finally:  # with what is left, the namespace would wait for an operator that may do nothing there any more
        for index in range(4):
            teams.api.delete(f"/apis/external-secrets.io/v1/namespaces/payments/externalsecrets/quota-{index}")
