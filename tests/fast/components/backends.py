"""A sample of every backend, for the tests that hold for all of them. A new backend adds its line to SAMPLES."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components import Names, parse_config
from components.config.environment import EnvironmentConfig
from components.contracts import IdentityKind
from tests.fast.components import samples, samples_azure, samples_gcp, samples_vault


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One backend.

    manager: the key under `spec.provider` of its stores.
    environment: one environment as it stands in YAML, with changes.
    identities: what stands in YAML for each kind of identity that it has.
    data: tokens of what holds data that a destroy would take away.
    """

    manager: str
    environment: Callable[..., dict[str, Any]]
    identities: Mapping[IdentityKind, dict[str, Any]]
    data: frozenset[str]

    def parse(self, **changes: Any) -> tuple[Names, EnvironmentConfig]:
        config = parse_config({"prefix": "platform", "environments": {"prod": self.environment(**changes)}})
        return config.names("prod"), config.environments["prod"]


SAMPLES = {
    "aws": Sample(
        manager="aws",
        environment=samples.environment,
        identities={
            IdentityKind.IRSA: {"kind": "irsa"},
            IdentityKind.POD_IDENTITY: {"kind": "podIdentity"},
        },
        data=frozenset({"aws:kms/key:Key", "aws:secretsmanager/secret:Secret"}),
    ),
    "gcp": Sample(
        manager="gcpsm",
        environment=samples_gcp.environment,
        identities={
            IdentityKind.GKE_PRINCIPAL: {"kind": "gkePrincipal"},
            IdentityKind.GKE_SERVICE_ACCOUNT: {"kind": "gkeServiceAccount"},
        },
        data=frozenset({"gcp:kms/cryptoKey:CryptoKey", "gcp:secretmanager/secret:Secret"}),
    ),
    "azure": Sample(
        manager="azurekv",
        environment=samples_azure.environment,
        identities={IdentityKind.AZURE_WORKLOAD_IDENTITY: {"kind": "azureWorkloadIdentity"}},
        data=frozenset({"azure-native:keyvault:Vault", "azure-native:keyvault:Key"}),
    ),
    "vault": Sample(
        manager="vault",
        environment=samples_vault.environment,
        identities={
            kind: {"kind": kind, "audience": "vault"}
            for kind in (IdentityKind.VAULT_KUBERNETES, IdentityKind.VAULT_JWT)
        },
        data=frozenset({"vault:index/mount:Mount", "vault:transit/secretBackendKey:SecretBackendKey"}),
    ),
}
