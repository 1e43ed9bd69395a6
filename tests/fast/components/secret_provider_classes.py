"""A SecretProviderClass of each manager, and what its provider reads.

The parameters of each provider are spelled here after its documentation or source, as it was on 2026-11-29: aws
`server/server.go` and `provider/secret_descriptor.go`; gcp `config/config.go`; azure "Workload Identity" and
`pkg/provider/types`; vault `internal/config/config.go`. Nothing of a provider runs here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components import IdentityKind, IdentityRef, SecretProviderClassArgs, ServiceAccountRef, StoreRef
from tests.fast.components import samples, samples_azure

APP = ServiceAccountRef(namespace="apps", name="app")
GCP_STORE = StoreRef(backend="gcpsm", settings={"projectID": "demo"})
AZURE_STORE = StoreRef(
    backend="azurekv",
    settings={"vaultUrl": "https://platform-prod.vault.azure.net", "tenantId": samples_azure.TENANT},
)
VAULT_STORE = StoreRef(
    backend="vault",
    settings={"server": "https://vault.example.com", "path": "platform/prod/secrets", "version": "v2"},
    property="value",
)


def identity(kind: IdentityKind, account: ServiceAccountRef = APP, **more: Any) -> IdentityRef:
    """An identity of the application's own service account."""
    values = {"principal": f"principal-of-{kind}", "service_account": account, "backends": frozenset({kind.manager})}
    return IdentityRef(kind=kind, **{**values, **more})


VAULT_LOGIN = {
    "auth": {
        "jwt": {
            "path": "platform/prod/jwt",
            "role": "platform-prod-app",
            "kubernetesServiceAccountToken": {"audiences": ["vault.example.com"]},
        }
    }
}
JWT = identity(IdentityKind.VAULT_JWT, store_settings=VAULT_LOGIN)


@dataclass(frozen=True)
class Sample:
    """A class, and all that its provider may be told: required and optional parameters, and an object's fields."""

    store: StoreRef
    identity: IdentityRef
    secret: str
    provider: str
    required: frozenset[str]
    optional: frozenset[str]
    fields: frozenset[str]

    def arguments(self, **changes: Any) -> SecretProviderClassArgs:
        values = {
            "namespace": "apps",
            "class_name": "app",
            "store": self.store,
            "identity": self.identity,
            "files": {"database": self.secret, "api-key": f"{self.secret}-2"},
        }
        return SecretProviderClassArgs(**{**values, **changes})


_AWS = {
    "store": samples.STORE,
    "secret": "platform/prod/database",
    "provider": "aws",
    "required": frozenset({"objects"}),
    "optional": frozenset({"region", "failoverRegion", "usePodIdentity", "pathTranslation", "preferredAddressType"}),
    "fields": frozenset(
        {
            "objectName",
            "objectType",
            "objectAlias",
            "objectVersion",
            "objectVersionLabel",
            "jmesPath",
            "failoverObject",
            "filePermission",
        }
    ),
}
SAMPLES: Mapping[str, Sample] = {
    "aws-irsa": Sample(**_AWS, identity=identity(IdentityKind.IRSA)),
    "aws-pod-identity": Sample(**_AWS, identity=identity(IdentityKind.POD_IDENTITY)),
    "gcp": Sample(
        store=GCP_STORE,
        identity=identity(IdentityKind.GKE_PRINCIPAL),
        secret="platform--prod--database",
        provider="gcp",
        required=frozenset({"secrets"}),
        optional=frozenset({"auth"}),
        fields=frozenset({"resourceName", "fileName", "path", "mode"}),
    ),
    "azure": Sample(
        store=AZURE_STORE,
        identity=identity(IdentityKind.AZURE_WORKLOAD_IDENTITY),
        secret="database",
        provider="azure",
        required=frozenset({"keyvaultName", "objects", "tenantID", "clientID"}),
        optional=frozenset({"usePodIdentity", "useVMManagedIdentity", "cloudName"}),
        fields=frozenset(
            {"objectName", "objectAlias", "objectType", "objectVersion", "objectFormat", "objectEncoding"}
        ),
    ),
    "vault": Sample(
        store=VAULT_STORE,
        identity=JWT,
        secret="database",
        provider="vault",
        required=frozenset({"roleName", "objects"}),
        optional=frozenset({"vaultAddress", "vaultAuthMountPath", "audience", "vaultCACertPath", "vaultNamespace"}),
        fields=frozenset({"objectName", "secretPath", "secretKey", "method", "secretArgs", "filePermission"}),
    ),
}
