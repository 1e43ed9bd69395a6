"""Teams that work, for tests to use and to spoil: two of them, with something that both may read."""

from collections.abc import Callable, Mapping
from typing import Any

from components import (
    AwsTeamIdentityArgs,
    AzureOperatorGrant,
    AzureTeamIdentityArgs,
    GcpTeamIdentityArgs,
    IdentityKind,
    IdentityRef,
    SecretScope,
    ServiceAccountRef,
    Team,
    TeamRefresh,
    TeamStoresArgs,
    VaultTeamIdentityArgs,
    team_scopes,
)
from tests.fast.components import samples, samples_azure, samples_gcp, samples_vault

CONTAINERS = ("database", "payments/api", "payments/db", "search/index", "shared/ca")
OPERATOR_NAMESPACE = samples.ACCOUNT_OF_OPERATOR.namespace


def configured(kind: IdentityKind) -> dict[str, Any]:
    """What an environment has to say for two teams, as it stands in YAML."""
    audience = {"audience": "vault"} if kind.manager == "vault" else {}
    return {
        "identity": {
            "kind": str(kind),
            "serviceAccountRef": {"namespace": OPERATOR_NAMESPACE, "name": "external-secrets-store"},
            **audience,
        },
        "teams": {
            "payments": {"namespaces": ["payments", "payments-jobs"], "prefixes": ["payments/"]},
            "search": {
                "namespaces": ["search"],
                "prefixes": ["search/"],
                "refresh": {"minimumInterval": "15m", "externalSecrets": 5},
            },
        },
        "sharedPrefixes": ["shared/"],
        "secrets": {name: {} for name in CONTAINERS},
    }


def teams() -> dict[str, Team]:
    """The same two for the components."""
    return {
        "payments": Team(namespaces=["payments", "payments-jobs"], prefixes=["payments/"]),
        "search": Team(
            namespaces=["search"],
            prefixes=["search/"],
            refresh=TeamRefresh(minimum_interval="15m", external_secrets=5),
        ),
    }


def scope() -> SecretScope:
    return team_scopes(teams(), ["shared/"], OPERATOR_NAMESPACE)[0]


def identity(namespace: str) -> IdentityRef:
    return samples.irsa(account=ServiceAccountRef(namespace=namespace, name="external-secrets-team"))


def stores(**changes: Any) -> TeamStoresArgs:
    values: dict[str, Any] = {
        "teams": teams(),
        "store": samples.STORE,
        "identities": {one: identity(one) for one in ("payments", "payments-jobs", "search")},
        "shared_prefixes": ["shared/"],
        "shared_identity": identity(OPERATOR_NAMESPACE),
        "containers": CONTAINERS,
    }
    return TeamStoresArgs(**{**values, **changes})


def vault(**changes: Any) -> VaultTeamIdentityArgs:
    values: dict[str, Any] = {
        "names": samples_vault.NAMES,
        "cluster": samples_vault.cluster(),
        "scope": scope(),
        "mount": "platform/prod/secrets",
        "auth_mount": "platform/prod/kubernetes",
        "audience": "vault",
    }
    return VaultTeamIdentityArgs(**{**values, **changes})


ARGUMENTS: Mapping[str, Callable[[], Any]] = {
    "TeamStores": stores,
    "AwsTeamIdentity": lambda: AwsTeamIdentityArgs(
        names=samples.NAMES, cluster=samples.cluster(), scope=scope(), secrets_key=samples.key("secrets")
    ),
    "VaultTeamIdentity": vault,
    "GcpTeamIdentity": lambda: GcpTeamIdentityArgs(
        names=samples_gcp.NAMES,
        cluster=samples_gcp.cluster(),
        scope=scope(),
        secret_ids={"payments/api": samples_gcp.NAMES.secret_resource("platform--prod--payments--api")},
    ),
    "AzureTeamIdentity": lambda: AzureTeamIdentityArgs(
        names=samples_azure.NAMES,
        cluster=samples.cluster(),
        scope=scope(),
        grant=AzureOperatorGrant(vault_id=samples_azure.VAULT_ID),
        containers=CONTAINERS,
    ),
}
