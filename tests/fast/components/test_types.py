"""Values of another type than a field has: refused with the field's name, wherever arguments are made.

A text is a list of letters to Python and to pyright, so nothing else would say that a list was meant.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, get_args, get_type_hints

import pulumi
import pytest

from components import (
    ArgoCdSecretsArgs,
    ArgoCdSpokeArgs,
    ArgoCluster,
    CanaryRef,
    CiSubject,
    ConfigError,
    FirstSyncArgs,
    GcpTenantKeysArgs,
    RefreshLimitArgs,
    RestartedBy,
    SecretScope,
    ServiceAccountRef,
    StoreCondition,
    Team,
    VaultDatabaseRole,
    github_ci,
    restart_annotations,
    team_scopes,
)
from components.ci import GITHUB_ISSUER
from tests.fast.components import samples_gcp, samples_teams
from tests.fast.components.components_under_test import CASES, Case
from tests.fast.components.mock_engine import run


def spoke(**changes: Any) -> ArgoCdSpokeArgs:
    return ArgoCdSpokeArgs(**{"subject_kind": "Group", "subject_name": "argocd", "namespaces": ["a"], **changes})


def limit(**changes: Any) -> RefreshLimitArgs:
    return RefreshLimitArgs(**{"minimum_interval": "1h", **changes})


def gcp_tenants(**changes: Any) -> GcpTenantKeysArgs:
    return GcpTenantKeysArgs(**samples_gcp.tenant_values(**changes))


def ci_subject(**changes: Any) -> CiSubject:
    return CiSubject(**{"issuer": GITHUB_ISSUER, **changes})


def scope(prefixes: Any) -> SecretScope:
    return SecretScope(name="a", prefixes=prefixes, service_accounts=[ServiceAccountRef(namespace="a", name="b")])


def annotations(secrets: Any, by: Any = RestartedBy.ROTATE) -> object:
    return restart_annotations(secrets, by=by)


TWICE = ["acme", "acme"]
MEMBERS = [samples_gcp.WRITER] * 2

WRONG: list[tuple[str, str, Callable[[], object]]] = [
    ("RefreshLimitArgs.namespaces", "is one text", lambda: limit(namespaces="apps")),
    ("RefreshLimitArgs.minimum_interval", "is not a valid string", lambda: RefreshLimitArgs.parse(LIMIT)),
    ("RefreshLimitArgs.namespace_selector.team", "is not a valid string", lambda: limit(namespace_selector=LABELS)),
    ("StoreCondition.namespaces", "is one text", lambda: StoreCondition(namespaces="apps")),
    ("ArgoCdSpokeArgs.namespaces", "is one text", lambda: spoke(namespaces="abc")),
    ("ArgoCdSpokeArgs.namespaces.1", "is not a valid string", lambda: spoke(namespaces=["a", 1])),
    ("ArgoCdSpokeArgs.namespaces.1", "is there twice", lambda: spoke(namespaces=TWICE)),
    ("ArgoCdSpokeArgs.subject_name", "is not a valid string", lambda: spoke(subject_name=["x-leak"])),
    ("ArgoCdSpokeArgs.subject_kind", "is not 'Group' or 'User'", lambda: spoke(subject_kind="x-leak")),
    ("ArgoCdSpokeArgs.rules.0.verbs", "is one text", lambda: spoke(rules=[{"verbs": "get"}])),
    ("ArgoCluster.namespaces", "is one text", lambda: ArgoCluster(namespaces="apps")),
    ("Team.namespaces", "is one text", lambda: Team(namespaces="apps", prefixes=["a/"])),
    ("SecretScope.prefixes", "is one text", lambda: scope("pay/")),
    ("TeamStoresArgs.shared_prefixes", "is one text", lambda: samples_teams.stores(shared_prefixes="pay/")),
    ("TeamStoresArgs.containers", "is one text", lambda: samples_teams.stores(containers="pay/api")),
    ("TeamStoresArgs.timeout_seconds", "is not a valid integer", lambda: samples_teams.stores(timeout_seconds="600")),
    ("team_scopes.shared_prefixes", "is one text", lambda: team_scopes({}, "pay/", "a")),
    ("VaultDatabaseRole.creation", "is one text", lambda: VaultDatabaseRole(creation="x-leak")),
    ("GcpTenantKeysArgs.tenants.acme", "is one text", lambda: gcp_tenants(tenants={"acme": samples_gcp.WRITER})),
    ("GcpTenantKeysArgs.tenants.acme.1", "is there twice", lambda: gcp_tenants(tenants={"acme": MEMBERS})),
    ("GcpTenantKeysArgs.administrators.1", "is there twice", lambda: gcp_tenants(administrators=MEMBERS)),
    ("CiSubject.subs", "is one text", lambda: ci_subject(subs="repo:a/b:pull_request")),
    ("CiSubject.subs.1", "is there twice", lambda: ci_subject(subs=["repo:a/b:pull_request"] * 2)),
    ("ArgoCdSecretsArgs.namespace", "is not a valid string", lambda: ArgoCdSecretsArgs.parse(ARGOCD)),
    ("VaultTeamIdentityArgs.kind", "is not an instance of IdentityKind", lambda: samples_teams.vault(kind="vaultJwt")),
    ("github_ci.owner_id", "is not a valid string", lambda: github_ci("a", "b", owner_id=1, repository_id="1")),  # type: ignore[arg-type]
    ("restart_annotations.secrets", "is one text", lambda: annotations("database")),
    ("restart_annotations.by", "is not an instance of RestartedBy", lambda: annotations(["a"], by="rotate")),
]
LIMIT = {"minimum_interval": 900}
LABELS = {"team": 1}
ARGOCD = {"namespace": None, "store_name": ["x-leak"]}


@pytest.mark.parametrize(("field", "reason", "make"), WRONG, ids=[f"{field}-{reason}" for field, reason, _ in WRONG])
def test_a_value_of_another_type(field: str, reason: str, make: Callable[[], object]) -> None:
    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            make()
        assert (caught.value.field, caught.value.reason) == (field, reason)
        assert caught.value.mend
        assert "x-leak" not in str(caught.value)

    run(program)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.component)
def test_every_field_of_every_component_is_checked(case: Case) -> None:
    def program() -> None:
        arguments = case.arguments()
        owner = type(arguments)
        values = {one.name: getattr(arguments, one.name) for one in dataclasses.fields(owner)}
        lists = [name for name, hint in _hints(owner).items() if _takes_a_list(hint)]
        for name, wrong in [*((one, object()) for one in values), *((one, "a") for one in lists)]:
            with pytest.raises(ConfigError) as caught:
                owner(**{**values, name: wrong})
            assert caught.value.field == f"{owner.__name__}.{name}"

    run(program)


def _hints(owner: type) -> dict[str, Any]:
    return get_type_hints(owner, localns={"Output": pulumi.Output, "T": Any})


def _takes_a_list(hint: Any) -> bool:
    return getattr(hint, "__origin__", None) is Sequence or any(_takes_a_list(one) for one in get_args(hint))


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        ArgoCdSecretsArgs.parse(ARGOCD)
    assert [one.field for one in caught.value.problems] == [
        "ArgoCdSecretsArgs.namespace",
        "ArgoCdSecretsArgs.store_name",
    ]


def test_what_is_known_later_passes_untouched() -> None:
    def program() -> None:
        later = pulumi.Output.from_input("argocd")
        assert spoke(subject_name=later).subject_name is later
        namespaces = ("a", "b")
        assert spoke(namespaces=namespaces).namespaces is namespaces
        with pytest.raises(ConfigError):  # it becomes the name of a resource
            FirstSyncArgs(namespace=later, store_name="a", canary=CanaryRef(remote_key="a"))  # type: ignore[arg-type]

    run(program)
