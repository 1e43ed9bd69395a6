"""The provider `vault`: its configuration and the table of its resource types."""

from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as rpc
from typing_extensions import override

from bootstrap.providers.failures import reported
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.table import TableProvider
from bootstrap.providers.vault.client import VaultClient, parsed_config
from bootstrap.providers.vault.engines import (
    DatabaseRole,
    DatabaseStaticRole,
    KvSecret,
    KvSettings,
    TransitKey,
)
from bootstrap.providers.vault.mounts import Audit, AuthBackend, JwtAuthBackend, Mount
from bootstrap.providers.vault.paths import (
    CertificateRole,
    Endpoint,
    JwtRole,
    KubernetesConfig,
    KubernetesRole,
    Policy,
)


class VaultProvider(TableProvider):
    # Provider configuration arrives as text, JSON for what is no text. The SDK sends the last two by itself.
    config_fields = dict.fromkeys(
        ("address", "caCertFile", "token", "authLoginCert", "skipChildToken", "maxLeaseTtlSeconds", "maxRetries"),
        Field(kind=str),
    )

    def __init__(self, name: str, version: str) -> None:
        super().__init__(name, version)
        self.vault = vault = VaultClient()
        self.resources = {
            "vault:index/mount:Mount": Mount(vault),
            "vault:index/authBackend:AuthBackend": AuthBackend(vault),
            "vault:index/audit:Audit": Audit(vault),
            "vault:index/policy:Policy": Policy(vault),
            "vault:index/certAuthBackendRole:CertAuthBackendRole": CertificateRole(vault),
            "vault:generic/endpoint:Endpoint": Endpoint(vault),
            "vault:transit/secretBackendKey:SecretBackendKey": TransitKey(vault),
            "vault:kv/secretBackendV2:SecretBackendV2": KvSettings(vault),
            "vault:kv/secretV2:SecretV2": KvSecret(vault),
            "vault:database/secretBackendRole:SecretBackendRole": DatabaseRole(vault),
            "vault:database/secretBackendStaticRole:SecretBackendStaticRole": DatabaseStaticRole(vault),
            "vault:kubernetes/authBackendConfig:AuthBackendConfig": KubernetesConfig(vault),
            "vault:kubernetes/authBackendRole:AuthBackendRole": KubernetesRole(vault),
            "vault:jwt/authBackend:AuthBackend": JwtAuthBackend(vault),
            "vault:jwt/authBackendRole:AuthBackendRole": JwtRole(vault),
        }

    @override
    @reported
    def Configure(self, request: rpc.ConfigureRequest, context: grpc.ServicerContext) -> Any:
        response = super().Configure(request, context)
        self.vault.config = parsed_config(self.config)
        return response

    @override
    def replaces_config(self, old: Properties, new: Properties, key: str) -> bool:
        return key == "address"
