"""Each team's store opens its own secrets and what is shared: each refusal beside what it may, on the local AWS."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bootstrap.proof.aws_teams import identity_of
from bootstrap.verification.aws import AwsView
from tests.cluster.proof.mutations_aws import role_name
from tests.cluster.teams.conftest import EXTERNAL_SECRETS, Teams
from tests.cluster.test_isolation import assume_with
from tests.local_stack import Running, eventually

SHARED = "ClusterSecretStore/shared"


def test_a_preview_said_what_it_costs(running_teams: Running) -> None:
    said = "\n".join(one["message"] for one in json.loads(running_teams.preview)["diagnostics"])
    rows = [line.split() for line in said.splitlines()]
    assert ["payments", "14,600", "0.52"] in rows  # 20 ExternalSecrets an hour, one container
    assert ["search", "58,400", "0.87"] in rows  # 20 every 15 minutes
    estimate = running_teams.prod.references["refreshEstimate"]
    calls = {team: one["callsAMonth"] for team, one in estimate.items()}
    assert calls == {"payments": 14600, "search": 58400, "shared": 0}


def test_a_team_reads_its_own_secrets_and_what_is_shared(teams: Teams) -> None:
    assert teams.outcome("payments", "payments/api") == teams.values["payments/api"]
    assert teams.outcome("search", "search/index") == teams.values["search/index"]
    assert teams.outcome("payments", teams.shared, SHARED) == teams.values[teams.shared]


def test_the_manager_refuses_another_teams_prefix(teams: Teams) -> None:
    for namespace, name, store in (
        ("payments", "search/index", "SecretStore/team"),
        ("search", "payments/api", "SecretStore/team"),
        ("payments", "search/index", SHARED),
        ("payments", teams.shared, "SecretStore/team"),
    ):
        assert "AccessDeniedException" in teams.outcome(namespace, name, store), (namespace, name, store)


def test_a_namespace_outside_has_no_store(teams: Teams) -> None:
    """That of the first sync is of no team; the operator may write there."""
    outside = teams.view.references["canary"]["namespace"]
    assert "not found" in teams.outcome(outside, "payments/api")
    assert "not allowed from namespace" in teams.outcome(outside, teams.shared, SHARED)


def test_a_team_may_not_use_the_environments_own_store(teams: Teams) -> None:
    assert "not allowed from namespace" in teams.outcome("payments", "payments/api", "ClusterSecretStore/prod")


def test_another_service_account_does_not_become_the_team(teams: Teams) -> None:
    view = teams.view
    assert isinstance(view, AwsView)
    role = identity_of(view, "payments")["roleArn"]

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
    iam, role = view.client(view.deployer, "iam"), role_name(view, identity_of(view, "payments")["roleArn"])
    kept = json.dumps(iam.get_role_policy(RoleName=role, PolicyName="read-secrets")["PolicyDocument"])
    wide = kept.replace(view.address_of("payments/*"), view.address_of("*"))
    assert wide != kept
    iam.put_role_policy(RoleName=role, PolicyName="read-secrets", PolicyDocument=wide)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="read-secrets", PolicyDocument=kept)


@contextmanager
def _container_lets_the_role_in(view: AwsView, container: str) -> Iterator[None]:
    manager, address = view.client(view.deployer, "secretsmanager"), view.address_of(container)
    kept = manager.get_resource_policy(SecretId=address)["ResourcePolicy"]
    wide: dict[str, Any] = json.loads(kept)
    principals = wide["Statement"][0]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    principals.append(identity_of(view, "payments")["roleArn"])
    manager.put_resource_policy(SecretId=address, ResourcePolicy=json.dumps(wide))
    try:
        yield
    finally:
        manager.put_resource_policy(SecretId=address, ResourcePolicy=kept)


def test_it_is_the_policies_that_refuse(teams: Teams) -> None:
    """Each of the two is enough: only with both taken away does the team read another's secret."""
    view = teams.view
    assert isinstance(view, AwsView)
    with _role_reads_the_environment(view):
        assert "AccessDeniedException" in teams.outcome("payments", "search/index")
        with _container_lets_the_role_in(view, "search/index"):
            assert teams.outcome("payments", "search/index") == teams.values["search/index"]
    assert "AccessDeniedException" in teams.outcome("payments", "search/index")


def test_the_operators_pod_holds_nothing(teams: Teams) -> None:
    """Its account is not the one that takes the environment's role; a store that names nobody takes what it holds."""
    assert {one.get("AWS_ROLE_ARN") for one in teams.view.operator_environments()} == {None}


def test_quotas_on_refresh(teams: Teams) -> None:
    def ask(name: str, namespace: str, **spec: Any) -> tuple[int, str]:
        answer = teams.post(name, namespace, "payments/api", **spec)
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
    names = [f"quota-{index}" for index in range(21)]  # the default is 20
    try:
        *made, (code, message) = [ask(name, "payments", refreshPolicy="CreatedOnce") for name in names]
        assert [created for created, _ in made] == [201] * 20
        assert (code, "exceeded quota" in message) == (403, True), message
    finally:
        for name in names:
            teams.api.delete(f"{EXTERNAL_SECRETS.format('payments')}/{name}")
        counted()
