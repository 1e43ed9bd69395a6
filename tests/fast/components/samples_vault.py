"""Inputs of the Vault components that work, for tests to use and to spoil."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi_kubernetes as kubernetes

from components import (
    ClusterRef,
    IdentityKind,
    IdentityRef,
    KeyRef,
    ServiceAccountRef,
    StoreRef,
    VaultAuditArgs,
    VaultDatabaseArgs,
    VaultDatabaseRole,
    VaultDeployKeyArgs,
    VaultDynamicCredentialsArgs,
    VaultEnvironmentKeysArgs,
    VaultFoundationArgs,
    VaultJwtIdentityArgs,
    VaultKubernetesIdentityArgs,
    VaultNames,
    VaultNodeEncryptionArgs,
    VaultSecretSpec,
    VaultSecretStoreArgs,
    VaultStaticRole,
    VaultTenantKeysArgs,
    parse_config,
)
from tests.fast.components import samples

ADDRESS = "https://vault.example.com:8200"
# What an authority's certificate looks like; it certifies nothing.
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
NAMES = VaultNames(prefix="platform", environment="prod", address=ADDRESS)
STORE = StoreRef(
    backend="vault", settings={"server": ADDRESS, "path": "platform/prod/secrets", "version": "v2"}, property="value"
)


def environment(**changes: Any) -> dict[str, Any]:
    """One environment as it stands in YAML."""
    return {
        "backend": "vault",
        "address": ADDRESS,
        "caCertificate": CERTIFICATE,
        "cluster": {
            "kind": "selfManaged",
            "kmsPluginImage": "localhost/vault-kubernetes-kms:v0",
            "machineCaCertificate": CERTIFICATE,
            "nodeNames": ["prod-node"],
        },
        "identity": {"kind": "vaultKubernetes", "audience": "vault"},
        "namespaces": ["apps"],
        "secrets": {"database": {"description": "Passwords of the database"}, "tenants/acme": {}},
        "store": {"conditions": [{"namespaces": ["apps"]}]},
        "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
        **changes,
    }


def parsed(**changes: Any) -> Any:
    return parse_config(samples.configuration(prod=environment(**changes))).environments["prod"]


def cluster(**changes: Any) -> ClusterRef:
    values: dict[str, Any] = {
        "name": "prod",
        "issuer_url": samples.ISSUER,
        "provider": changes.get("provider") or kubernetes.Provider("cluster", kubeconfig="{}"),
        "endpoint": "https://cluster.example.com:6443",
        "ca_certificate": CERTIFICATE,
    }
    return ClusterRef(**{**values, **changes})


def identity_values(**changes: Any) -> dict[str, Any]:
    """The arguments of either identity."""
    return {
        "names": NAMES,
        "cluster": cluster(),
        "service_account": samples.ACCOUNT_OF_OPERATOR,
        "audience": "vault",
        "policy": NAMES.full_name("external-secrets"),
        **changes,
    }


def tenant_values(**changes: Any) -> dict[str, Any]:
    """The arguments of the tenants' keys: `acme` works by itself, `globex` by an auth role of its own."""
    return {
        "names": NAMES,
        "tenants_key": KeyRef(id=f"{NAMES.mount('transit')}/keys/tenants"),
        "tenants": {"acme": ServiceAccountRef(namespace="acme", name="app"), "globex": None},
        "jwt_mount": NAMES.mount("jwt"),
        **changes,
    }


def identity(account: ServiceAccountRef = samples.ACCOUNT_OF_OPERATOR) -> IdentityRef:
    """An identity by Vault's Kubernetes auth method."""
    return IdentityRef(
        kind=IdentityKind.VAULT_KUBERNETES,
        principal="platform/prod/kubernetes/role/platform-prod-external-secrets",
        service_account=account,
        backends=frozenset({"vault"}),
        store_settings={"auth": {"kubernetes": {"mountPath": "platform/prod/kubernetes"}}},
        presents_token=True,
        reviews_token=True,
    )


def jwt_identity() -> IdentityRef:
    """An identity by JWT auth."""
    token = {"serviceAccountRef": {"name": "external-secrets", "namespace": "external-secrets"}, "audiences": ["vault"]}
    return IdentityRef(
        kind=IdentityKind.VAULT_JWT,
        principal="platform/prod/jwt/role/platform-prod-external-secrets",
        service_account=samples.ACCOUNT_OF_OPERATOR,
        backends=frozenset({"vault"}),
        store_settings={"auth": {"jwt": {"path": "platform/prod/jwt", "kubernetesServiceAccountToken": token}}},
        presents_token=True,
    )


def dynamic_values(**changes: Any) -> dict[str, Any]:
    """The arguments of VaultDynamicCredentials."""
    return {
        "names": NAMES,
        "store": STORE,
        "identity": jwt_identity(),
        "namespace": "apps",
        "secret_name": "database-user",
        "service_account": "database-user",
        "path": "platform/prod/database/creds/app",
        "policy": "platform-prod-database-app",
        **changes,
    }


POLICIES_NOT_OWN = ("default", "Default", "root", "ROOT", " default", "", "*", "a*", "Images")
"""Names of policies that no component hands on: Vault keeps names in lower case and trims them."""

CREATE_USER = """CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'"""

ARGUMENTS: Mapping[str, Callable[[], Any]] = {
    "VaultEnvironmentKeys": lambda: VaultEnvironmentKeysArgs(names=NAMES),
    "VaultSecretStore": lambda: VaultSecretStoreArgs(names=NAMES, secrets={"database": VaultSecretSpec()}),
    "VaultDeployKey": lambda: VaultDeployKeyArgs(mount="platform/prod/secrets", container="argocd/platform"),
    "VaultKubernetesIdentity": lambda: VaultKubernetesIdentityArgs(**identity_values()),
    "VaultJwtIdentity": lambda: VaultJwtIdentityArgs(**identity_values()),
    "VaultAudit": lambda: VaultAuditArgs(file_path="/var/log/vault/audit.log"),
    "VaultNodeEncryption": lambda: VaultNodeEncryptionArgs(
        names=NAMES,
        etcd_key=KeyRef(id=f"{NAMES.mount('transit')}/keys/etcd"),
        machine_ca=CERTIFICATE,
        node_names=["prod-node"],
        plugin_image="localhost/vault-kubernetes-kms:v0",
    ),
    "VaultDatabase": lambda: VaultDatabaseArgs(
        names=NAMES,
        roles={"app": VaultDatabaseRole(creation=[CREATE_USER])},
        static_roles={"report": VaultStaticRole(username="report")},
    ),
    "VaultDynamicCredentials": lambda: VaultDynamicCredentialsArgs(**dynamic_values()),
    "VaultTenantKeys": lambda: VaultTenantKeysArgs(**tenant_values()),
    "VaultFoundation": lambda: VaultFoundationArgs(names=NAMES, environment=parsed()),
}
"""Arguments of each component by its name, made inside a program."""
