"""Impossible arguments of the Vault components: refused when they are made, before anything is registered."""

from collections.abc import Callable
from typing import Any

import pytest

from components import (
    ClusterSecretStoreArgs,
    ConfigError,
    DeletionProfile,
    StoreCondition,
    StoreRef,
    VaultAuditArgs,
    VaultDeployKeyArgs,
    VaultEnvironmentKeysArgs,
    VaultFoundationArgs,
    VaultJwtIdentityArgs,
    VaultKubernetesIdentityArgs,
    VaultNames,
    VaultSecretSpec,
    VaultSecretStoreArgs,
)
from tests.fast.components import samples, samples_vault
from tests.fast.components.mock_engine import run

KEY = "platform/prod/transit/keys/etcd"


def keys(**changes: Any) -> VaultEnvironmentKeysArgs:
    return VaultEnvironmentKeysArgs(names=samples_vault.NAMES, **changes)


def store(**changes: Any) -> VaultSecretStoreArgs:
    return VaultSecretStoreArgs(names=samples_vault.NAMES, **changes)


def named(*names: str, **changes: Any) -> VaultSecretStoreArgs:
    return store(secrets={name: VaultSecretSpec() for name in names}, **changes)


def deploy_key(**changes: Any) -> VaultDeployKeyArgs:
    return VaultDeployKeyArgs(**{"mount": "a", "container": "b", **changes})


def jwt(**changes: Any) -> VaultJwtIdentityArgs:
    return VaultJwtIdentityArgs(**samples_vault.identity_values(**changes))


def kubernetes(**changes: Any) -> VaultKubernetesIdentityArgs:
    return VaultKubernetesIdentityArgs(**samples_vault.identity_values(**changes))


def cluster_store(**changes: Any) -> ClusterSecretStoreArgs:
    return ClusterSecretStoreArgs(
        **{
            "store_name": "prod",
            "store": samples_vault.STORE,
            "identity": samples_vault.identity(),
            "conditions": [StoreCondition(namespaces=["apps"])],
            **changes,
        }
    )


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("VaultNames.prefix", lambda: VaultNames(prefix="x leak", environment="a", address=samples_vault.ADDRESS)),
    ("VaultNames.environment", lambda: VaultNames(prefix="a", environment="x leak", address=samples_vault.ADDRESS)),
    ("VaultNames.address", lambda: VaultNames(prefix="a", environment="a", address="http://x-leak")),
    ("VaultEnvironmentKeysArgs.rotation_days", lambda: keys(rotation_days=0)),
    ("VaultEnvironmentKeysArgs.rotation_days", lambda: keys(rotation_days=3651)),
    ("VaultEnvironmentKeysArgs.existing.nothing", lambda: keys(existing={"nothing": KEY})),
    ("VaultEnvironmentKeysArgs.existing.etcd", lambda: keys(existing={"etcd": "x-leak"})),
    ("VaultEnvironmentKeysArgs.existing.etcd", lambda: keys(existing={"etcd": "x-leak/keys/*"})),
    ("VaultEnvironmentKeysArgs.existing", lambda: keys(existing={"etcd": KEY, "secrets": KEY})),
    ("VaultSecretStoreArgs.ca_certificate", lambda: store(ca_certificate="x-leak")),
    (
        "VaultSecretStoreArgs.ca_certificate",
        lambda: store(ca_certificate=samples_vault.CERTIFICATE + "-----BEGIN PRIVATE KEY-----\nx-leak\n"),
    ),
    ("VaultSecretStoreArgs.existing_mount", lambda: store(existing_mount="/x-leak/")),
    ("VaultSecretStoreArgs.existing_mount", lambda: store(existing_mount="x-leak/*")),
    ("VaultSecretStoreArgs.max_versions", lambda: store(max_versions=0)),
    ("VaultSecretStoreArgs.max_versions", lambda: store(max_versions=1001)),
    ("VaultSecretStoreArgs.delete_versions_after_days", lambda: store(delete_versions_after_days=-1)),
    ("VaultSecretStoreArgs.delete_versions_after_days", lambda: store(delete_versions_after_days=3651)),
    ("VaultSecretStoreArgs.secrets.canary", lambda: named("canary")),
    ("VaultSecretStoreArgs.secrets.A b", lambda: named("A b")),
    ("VaultSecretStoreArgs.canary", lambda: store(canary="x leak")),
    ("VaultSecretStoreArgs.canary", lambda: store(canary="tenants/canary")),
    ("VaultSecretStoreArgs.canary", lambda: store(canary="secret/canary", existing_mount="secret")),
    ("VaultSecretStoreArgs.secrets.secret/a", lambda: named("secret/a", existing_mount="secret")),
    (
        "VaultSecretStoreArgs.secrets.a.description",
        lambda: store(secrets={"a": VaultSecretSpec(description="ü" * 257)}),
    ),
    ("VaultDeployKeyArgs.mount", lambda: deploy_key(mount="x leak")),
    ("VaultDeployKeyArgs.container", lambda: deploy_key(container="x leak")),
    ("VaultJwtIdentityArgs.audience", lambda: jwt(audience="")),
    ("VaultJwtIdentityArgs.audience", lambda: jwt(audience="x leak")),
    *(("VaultJwtIdentityArgs.policy", lambda one=one: jwt(policy=one)) for one in samples_vault.POLICIES_NOT_OWN),
    ("VaultKubernetesIdentityArgs.policy", lambda: kubernetes(policy="Root")),
    ("VaultJwtIdentityArgs.existing_mount", lambda: jwt(existing_mount="x leak")),
    ("VaultJwtIdentityArgs.token_ttl_seconds", lambda: jwt(token_ttl_seconds=119)),
    ("VaultKubernetesIdentityArgs.token_ttl_seconds", lambda: kubernetes(token_ttl_seconds=3601)),
    ("VaultKubernetesIdentityArgs.audience", lambda: kubernetes(audience="*")),
    ("VaultKubernetesIdentityArgs.cluster.endpoint", lambda: kubernetes(cluster=samples_vault.cluster(endpoint=None))),
    ("VaultAuditArgs.file_path", lambda: VaultAuditArgs(file_path="x-leak")),
    ("VaultAuditArgs.file_path", lambda: VaultAuditArgs(file_path="/x-leak/")),
    ("VaultAuditArgs.device", lambda: VaultAuditArgs(file_path="/a", device="x leak")),
    (
        "VaultFoundationArgs.names",
        lambda: VaultFoundationArgs(
            names=VaultNames(prefix="platform", environment="prod", address="https://other.example.com"),
            environment=samples_vault.parsed(),
        ),
    ),
    ("ClusterSecretStoreArgs.identity", lambda: cluster_store(identity=samples.irsa())),
    ("ClusterSecretStoreArgs.identity", lambda: cluster_store(store=samples.STORE)),
    ("ClusterSecretStoreArgs.identity", lambda: cluster_store(store=StoreRef(backend="azurekv", settings={}))),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            make()
        assert caught.value.field == field
        assert caught.value.mend
        assert "x-leak" not in str(caught.value)
        assert "x leak" not in str(caught.value)

    run(program)


def test_what_lies_at_the_limits_is_taken() -> None:
    keys(rotation_days=1)
    keys(rotation_days=3650, deletion_profile=DeletionProfile.EPHEMERAL)
    store(max_versions=1000, delete_versions_after_days=3650, ca_certificate=samples_vault.CERTIFICATE * 2)
    named("secret/a", "data/b", existing_mount="other")
    run(lambda: (jwt(token_ttl_seconds=120), kubernetes(token_ttl_seconds=3600)))
    run(lambda: kubernetes(cluster=samples_vault.cluster(endpoint=None), existing_mount="kubernetes"))
