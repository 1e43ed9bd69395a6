"""One mapping of teams: what each backend and the cluster make of it, what it costs, and what is refused.

That the manager refuses the other team is in tests/cluster, for AWS and Vault. For Google Cloud and Azure it is the
golden files here alone.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pulumi
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from components import (
    AwsTeamIdentityArgs,
    AzureTeamIdentityArgs,
    ConfigError,
    GcpTeamIdentityArgs,
    IdentityKind,
    ManagerPrices,
    SecretsBootstrap,
    SecretsBootstrapArgs,
    SecretScope,
    ServiceAccountRef,
    Team,
    TeamRefresh,
    TeamStores,
    manager_prices,
    parse_config,
    team_scopes,
    teams_estimate,
)
from tests.fast.components import samples, samples_azure, samples_gcp, samples_teams
from tests.fast.components.backends import SAMPLES
from tests.fast.components.mock_engine import Recording, run

KINDS = [
    IdentityKind.IRSA,
    IdentityKind.GKE_PRINCIPAL,
    IdentityKind.GKE_SERVICE_ACCOUNT,
    IdentityKind.AZURE_WORKLOAD_IDENTITY,
    IdentityKind.VAULT_KUBERNETES,
    IdentityKind.VAULT_JWT,
]


def parse(kind: IdentityKind, **changes: Any) -> Any:
    sample = next(one for one in SAMPLES.values() if one.manager == kind.manager)
    return sample.parse(**{**samples_teams.configured(kind), **changes})


@cache
def bootstrap(kind: IdentityKind, *, preview: bool = False) -> Recording:
    names, environment = parse(kind)

    def program() -> None:
        arguments = SecretsBootstrapArgs(names=names, environment=environment, create_cluster=samples.create_cluster())
        SecretsBootstrap("prod", arguments)

    return run(program, preview=preview)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_for_teams(kind: IdentityKind, snapshot: SnapshotAssertion) -> None:
    recording = bootstrap(kind)
    of_teams = [
        one for one in recording.resources.values() if one.name.startswith(("prod-team-", "prod-teams", "prod-shared-"))
    ]
    assert [
        {"token": one.token, "name": one.name, "parent": one.parent.rpartition("::")[2], "inputs": one.inputs}
        for one in sorted(of_teams, key=lambda one: one.urn)
    ] == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_knows_every_resource(kind: IdentityKind) -> None:
    assert bootstrap(kind, preview=True).resources.keys() == bootstrap(kind).resources.keys()


def test_the_estimate_is_an_output_of_the_stack() -> None:
    outputs = bootstrap(IdentityKind.IRSA).named("prod").outputs or {}
    assert outputs["refreshEstimate"] == {
        "payments": {"callsAMonth": 2 * 20 * 730, "dollarsAMonth": 1.03},  # two containers, 29,200 calls
        "search": {"callsAMonth": 5 * 4 * 730, "dollarsAMonth": 0.52},
        "shared": {"callsAMonth": 0, "dollarsAMonth": 0.4},
    }


def test_the_estimate_counts_what_is_allowed() -> None:
    prices = ManagerPrices(secret_month=1, calls_10000=10, source="test")
    one = Team(namespaces=["a", "b"], prefixes=["a/"], refresh=TeamRefresh(external_secrets=10, calls_each=3))
    estimate = teams_estimate({"a": one}, prices, containers=["a/x", "ab/x"])
    assert estimate.calls == {"a": 2 * 10 * 3 * 730}
    assert estimate.dollars == {"a": pytest.approx(43.8 + 1)}
    assert teams_estimate({"a": one}, manager_prices("vault")).dollars == {"a": 0}


def test_a_preview_prints_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", lambda text, *_: said.append(text))
    run(lambda: TeamStores("it", samples_teams.stores()), preview=True)
    assert [line.split()[0] for line in said[0].splitlines()[1:]] == [
        "team",
        "payments",
        "search",
        "shared",
        "total",
        "prices:",
    ]


def test_three_documents_agree_on_aws() -> None:
    recording = bootstrap(IdentityKind.IRSA)
    role = samples.NAMES.role_arn("team-payments")
    policy = json.loads(recording.named("prod-team-payments-identity-policy").inputs["policy"])
    assert policy["Statement"][0]["Resource"] == [samples.NAMES.secrets_arn("payments/")]
    key = json.loads(recording.named("prod-foundation-keys-secrets").inputs["policy"])
    (statement,) = (one for one in key["Statement"] if one["Sid"] == "TeamsRead")
    assert role in statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]
    readers = {
        name: json.loads(recording.named(f"prod-foundation-secrets-{name}-policy").inputs["policy"])["Statement"][0][
            "Condition"
        ]["ArnNotEquals"]["aws:PrincipalArn"]
        for name in samples_teams.CONTAINERS
    }
    assert {name for name, allowed in readers.items() if role in allowed} == {"payments/api", "payments/db"}
    other_keys = (recording.named(f"prod-foundation-keys-{one}").inputs["policy"] for one in ("etcd", "tenants"))
    assert not any("team-" in one for one in other_keys)


def test_stores_wait_for_the_operator_and_their_own_permission() -> None:
    recording = bootstrap(IdentityKind.VAULT_KUBERNETES)
    for name in ("payments", "payments-jobs", "search"):
        store = recording.named(f"prod-teams-store-{name}-store")
        for earlier in (
            f"prod-teams-store-{name}-token-binding",
            f"prod-teams-store-{name}-review-binding",
            f"prod-teams-store-{name}-account",
            f"prod-bootstrap-namespace-{name}",
            "prod-bootstrap-operator-controller",
            "prod-identity-method",
        ):
            assert recording.needs(store, recording.named(earlier)), (name, earlier)
    role = recording.named("prod-team-search-identity-search-role")
    assert recording.needs(role, recording.named("prod-identity-method"))


def test_azure_makes_one_credential_after_the_other() -> None:
    recording = bootstrap(IdentityKind.AZURE_WORKLOAD_IDENTITY)
    first, second = (
        recording.named(f"prod-team-payments-identity-{one}-credential") for one in ("payments", "payments-jobs")
    )
    assert recording.needs(second, first)


def test_the_shared_store_is_for_the_teams_alone() -> None:
    recording = bootstrap(IdentityKind.IRSA)
    (shared,) = (
        one
        for one in recording.of("kubernetes:external-secrets.io/v1:ClusterSecretStore")
        if one.inputs["metadata"]["name"] == "shared"
    )
    assert shared.inputs["spec"]["conditions"] == [{"namespaces": ["payments", "payments-jobs", "search"]}]
    environments = recording.named("prod-bootstrap-store-store").inputs["spec"]["conditions"]
    assert "payments" not in json.dumps(environments)


def changed(**changes: Any) -> Callable[[], object]:
    """An environment on AWS whose teams are spoiled."""
    return lambda: parse(IdentityKind.IRSA, **changes)


def one_team(**changes: Any) -> dict[str, Any]:
    return {"payments": {"namespaces": ["payments"], "prefixes": ["payments/"], **changes}}


def two_teams(**second: Any) -> dict[str, Any]:
    return {**one_team(), "search": {"namespaces": ["search"], "prefixes": ["search/"], **second}}


def long_names() -> None:
    configured = {**samples_teams.configured(IdentityKind.IRSA), "teams": {"t" * 40: one_team()["payments"]}}
    parse_config({"prefix": "p" * 24, "environments": {"prod": samples.environment(**configured)}})


_STORE = {"conditions": [{"namespaces": ["apps"]}]}
_REGEX = {"conditions": [*_STORE["conditions"], {"namespaceRegexes": ["^pay.*$"]}]}
_LABEL = {"conditions": [{"namespaceSelector": {"kubernetes.io/metadata.name": "payments"}}]}

# The field that the error has to name, and what makes it.
IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("teams.payments.prefixes", changed(teams=one_team(prefixes=[]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=[""]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=["x-leak"]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=["*/"]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=["x-leak/*"]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=["x-leak/+/"]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=["../x-leak/"]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=["/x-leak/"]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=["tenants/x-leak/"]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(prefixes=["argocd/"]))),
    ("teams.payments.prefixes.0", changed(teams=one_team(), firstSync={"secret": "payments/x-leak"})),
    ("teams.payments.prefixes.1", changed(teams=one_team(prefixes=["payments/", "payments/x-leak/"]))),
    ("teams.search.prefixes.0", changed(teams=two_teams(prefixes=["payments/"]))),
    ("teams.search.prefixes.0", changed(teams=two_teams(prefixes=["payments/eu/"]))),
    (
        "teams.search.prefixes.0",
        changed(teams={**one_team(prefixes=["pay/eu/"]), "search": {"namespaces": ["search"], "prefixes": ["pay/"]}}),
    ),
    ("sharedPrefixes.0", changed(teams=one_team(), sharedPrefixes=["payments/x-leak/"])),
    ("sharedPrefixes.0", changed(teams={})),
    ("teams.payments.namespaces", changed(teams=one_team(namespaces=[]))),
    ("teams.payments.namespaces.0", changed(teams=one_team(namespaces=["x leak"]))),
    ("teams.payments.namespaces.0", changed(teams=one_team(namespaces=["kube-system"]))),
    ("teams.payments.namespaces.0", changed(teams=one_team(namespaces=["apps"]))),
    ("teams.payments.namespaces.0", changed(teams=one_team(namespaces=["external-secrets"]))),
    ("teams.payments.namespaces.0", changed(teams=one_team(namespaces=["secrets-bootstrap"]))),
    ("teams.search.namespaces.0", changed(teams=two_teams(namespaces=["payments"]))),
    ("teams.shared", changed(teams={"shared": one_team()["payments"]})),
    ("teams.total", changed(teams={"total": one_team()["payments"]})),
    ("teams.Not a name", changed(teams={"Not a name": one_team()["payments"]})),
    ("teams.payments.refresh.minimumInterval", changed(teams=one_team(refresh={"minimumInterval": "x-leak"}))),
    ("teams.payments.refresh.externalSecrets", changed(teams=one_team(refresh={"externalSecrets": 0}))),
    ("teams.payments.refresh.callsEach", changed(teams=one_team(refresh={"callsEach": 0}))),
    # The environment's own store opens everything.
    ("store.conditions.1", changed(store=_REGEX)),
    ("store.conditions.0", changed(store=_LABEL)),
    ("store.conditions.0.namespaces.0", changed(store={"conditions": [{"namespaces": ["payments"]}]})),
    # And so would the operator's pod.
    ("identity.serviceAccountRef", changed(identity={"kind": "irsa"})),
    ("identity.kind", changed(identity={"kind": "podIdentity"})),
    ("teams." + "t" * 40, long_names),
    ("teams.payments.namespaces", changed(teams=one_team(namespaces=[f"n{one}-{'x' * 50}" for one in range(20)]))),
]


@pytest.mark.parametrize(
    ("field", "make"), IMPOSSIBLE, ids=[f"{field}-{index}" for index, (field, _) in enumerate(IMPOSSIBLE)]
)
def test_impossible_teams(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.field == f"environments.prod.{field}"
    assert caught.value.mend
    assert "x-leak" not in str(caught.value)


@pytest.mark.parametrize("kind", [IdentityKind.GKE_PRINCIPAL, IdentityKind.AZURE_WORKLOAD_IDENTITY])
def test_who_grants_each_secret_by_name_needs_one(kind: IdentityKind) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(kind, secrets={"payments/api": {}, "shared/ca": {}})
    assert [one.field for one in caught.value.problems] == ["environments.prod.teams.search.prefixes"]


def test_an_azure_identity_trusts_20_accounts() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(
            IdentityKind.AZURE_WORKLOAD_IDENTITY,
            teams=one_team(namespaces=[f"n{one}" for one in range(21)]),
        )
    assert caught.value.field == "environments.prod.teams.payments.namespaces"


def scope(namespaces: int = 1, name: str = "team-payments", prefix: str = "payments/") -> SecretScope:
    accounts = [ServiceAccountRef(namespace=f"n{one}-{'x' * 50}", name="team") for one in range(namespaces)]
    return SecretScope(name=name, prefixes=[prefix], service_accounts=accounts)


def aws(of: SecretScope) -> AwsTeamIdentityArgs:
    return AwsTeamIdentityArgs(
        names=samples.NAMES, cluster=samples.cluster(), scope=of, secrets_key=samples.key("secrets")
    )


def gcp(of: SecretScope) -> GcpTeamIdentityArgs:
    return GcpTeamIdentityArgs(
        names=samples_gcp.NAMES, cluster=samples_gcp.cluster(), scope=of, secret_ids={"payments/api": "x"}
    )


def azure(of: SecretScope) -> AzureTeamIdentityArgs:
    return AzureTeamIdentityArgs(
        names=samples_azure.NAMES,
        cluster=samples.cluster(),
        scope=of,
        grant=samples_azure.ARGUMENTS["AzureWorkloadIdentity"]().grant,
        containers=["payments/api"],
    )


TOO_WIDE = ("*", "", "pay", "payments*/", "+/", "/", "payments/*")

IMPOSSIBLE_ARGUMENTS: list[tuple[str, Callable[[], object]]] = [
    ("Team.namespaces", lambda: Team(namespaces=[], prefixes=["a/"])),
    ("Team.namespaces.0", lambda: Team(namespaces=["x leak"], prefixes=["a/"])),
    ("Team.prefixes", lambda: Team(namespaces=["a"], prefixes=[])),
    ("Team.prefixes.0", lambda: Team(namespaces=["a"], prefixes=["x-leak*"])),
    # A scope becomes an identity's policies: AWS reads `*` as everything, Google Cloud and Azure the empty text.
    *(("SecretScope.prefixes.0", lambda prefix=prefix: scope(prefix=prefix)) for prefix in TOO_WIDE),
    *(
        ("TeamStoresArgs.shared_prefixes.0", lambda prefix=prefix: samples_teams.stores(shared_prefixes=[prefix]))
        for prefix in TOO_WIDE
    ),
    *(("SecretScope.prefixes.0", lambda prefix=prefix: team_scopes({}, [prefix], "x")) for prefix in TOO_WIDE),
    ("SecretScope.prefixes", lambda: SecretScope(name="a", prefixes=[], service_accounts=scope().service_accounts)),
    ("SecretScope.service_accounts", lambda: scope(0)),
    ("TeamRefresh.minimum_interval", lambda: TeamRefresh(minimum_interval="x-leak")),
    ("TeamRefresh.external_secrets", lambda: TeamRefresh(external_secrets=0)),
    ("TeamRefresh.calls_each", lambda: TeamRefresh(calls_each=0)),
    ("TeamStoresArgs.teams", lambda: samples_teams.stores(teams={})),
    (
        "TeamStoresArgs.teams.b.namespaces.0",
        lambda: samples_teams.stores(
            teams={name: Team(namespaces=["a"], prefixes=[f"{name}/"]) for name in ("a", "b")}
        ),
    ),
    ("TeamStoresArgs.shared_prefixes.0", lambda: samples_teams.stores(shared_prefixes=["payments/"])),
    ("TeamStoresArgs.store_name", lambda: samples_teams.stores(store_name="x leak")),
    ("TeamStoresArgs.shared_store_name", lambda: samples_teams.stores(shared_store_name="x leak")),
    ("TeamStoresArgs.timeout_seconds", lambda: samples_teams.stores(timeout_seconds=1)),
    ("TeamStoresArgs.identities", lambda: samples_teams.stores(identities={})),
    ("TeamStoresArgs.shared_identity", lambda: samples_teams.stores(shared_identity=None)),
    ("TeamStoresArgs.shared_identity", lambda: samples_teams.stores(shared_prefixes=[])),
    (
        "TeamStoresArgs.identities.search",
        lambda: samples_teams.stores(
            identities={**samples_teams.stores().identities, "search": samples.pod_identity()}
        ),
    ),
    (
        "TeamStoresArgs.identities.search.service_account.namespace",
        lambda: samples_teams.stores(
            identities={**samples_teams.stores().identities, "search": samples_teams.identity("payments")}
        ),
    ),
    ("AwsTeamIdentityArgs.scope.namespaces", lambda: aws(scope(20))),
    ("AwsTeamIdentityArgs.scope.name", lambda: aws(scope(name="t" * 60))),
    ("GcpTeamIdentityArgs.secret_ids", lambda: gcp(scope(prefix="search/"))),
    ("AzureTeamIdentityArgs.containers", lambda: azure(scope(prefix="search/"))),
    ("AzureTeamIdentityArgs.scope.service_accounts", lambda: azure(scope(21))),
    ("VaultTeamIdentityArgs.mount", lambda: samples_teams.vault(mount="x-leak/*")),
    ("VaultTeamIdentityArgs.kind", lambda: samples_teams.vault(kind=IdentityKind.IRSA)),
    (
        "VaultTeamIdentityArgs.api_audience",
        lambda: samples_teams.vault(kind=IdentityKind.VAULT_JWT, api_audience="https://x-leak"),
    ),
    ("VaultKubernetesIdentityArgs.audience", lambda: samples_teams.vault(audience="x leak")),
    ("VaultKubernetesIdentityArgs.existing_mount", lambda: samples_teams.vault(auth_mount="/x-leak")),
]


@pytest.mark.parametrize(
    ("field", "make"),
    IMPOSSIBLE_ARGUMENTS,
    ids=[f"{field}-{index}" for index, (field, _) in enumerate(IMPOSSIBLE_ARGUMENTS)],
)
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            make()
        assert caught.value.field == field
        assert "x-leak" not in str(caught.value)

    run(program)
