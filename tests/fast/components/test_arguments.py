"""Impossible arguments of single components: refused when they are made, before anything is registered."""

from collections.abc import Callable
from typing import Any

import pytest

from components import (
    ArgoCdSecretsArgs,
    AwsEnvironmentKeysArgs,
    AwsIrsaIdentityArgs,
    AwsSecretStoreArgs,
    CanaryRef,
    ClusterBootstrapArgs,
    ClusterSecretStore,
    ClusterSecretStoreArgs,
    ConfigError,
    ExternalSecretsOperatorArgs,
    FirstSyncArgs,
    IdentityKind,
    IdentityRef,
    NamespaceSecretStoreArgs,
    ServiceAccountRef,
    StoreCondition,
)
from components.aws.secret_store import AwsSecretSpec
from components.kubernetes.argocd import ArgoCluster
from tests.fast.components import samples
from tests.fast.components.components_under_test import CONDITIONS, GRANT
from tests.fast.components.mock_engine import run

OTHER_ACCOUNT = ServiceAccountRef(namespace="external-secrets", name="other")


def keys(**changes: Any) -> AwsEnvironmentKeysArgs:
    return AwsEnvironmentKeysArgs(
        names=samples.NAMES, **{"policies": {"secrets": {}, "etcd": {}, "tenants": {}}, **changes}
    )


def secrets(**changes: Any) -> AwsSecretStoreArgs:
    return AwsSecretStoreArgs(
        names=samples.NAMES, secrets_key=samples.key("a"), tenants_key=samples.key("b"), **changes
    )


def pod_identity_with_reference() -> IdentityRef:
    return IdentityRef(
        kind=IdentityKind.POD_IDENTITY,
        principal="arn",
        service_account=samples.ACCOUNT_OF_OPERATOR,
        backends=frozenset({"aws"}),
        store_settings={"auth": {"jwt": {"serviceAccountRef": {"name": "external-secrets"}}}},
    )


def store(**changes: Any) -> ClusterSecretStoreArgs:
    values = {"store_name": "prod", "store": samples.STORE, "identity": samples.irsa(), "conditions": CONDITIONS}
    return ClusterSecretStoreArgs(**{**values, **changes})


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("AwsEnvironmentKeysArgs.rotation_days", lambda: keys(rotation_days=89)),
    ("AwsEnvironmentKeysArgs.deletion_window_days", lambda: keys(deletion_window_days=31)),
    ("AwsEnvironmentKeysArgs.existing.nothing", lambda: keys(existing={"nothing": samples.KEY_ARN})),
    ("AwsEnvironmentKeysArgs.existing.etcd", lambda: keys(existing={"etcd": "alias/etcd"})),
    ("AwsEnvironmentKeysArgs.existing", lambda: keys(existing={"etcd": samples.KEY_ARN, "secrets": samples.KEY_ARN})),
    ("AwsEnvironmentKeysArgs.policies.secrets", lambda: keys(policies={"etcd": {}, "tenants": {}})),
    ("AwsSecretStoreArgs.recovery_days", lambda: secrets(recovery_days=3)),
    ("AwsSecretStoreArgs.secrets.canary", lambda: secrets(secrets={"canary": AwsSecretSpec()})),
    ("AwsSecretStoreArgs.secrets.A b", lambda: secrets(secrets={"A b": AwsSecretSpec()})),
    ("AwsSecretStoreArgs.secrets.a.existing_arn", lambda: secrets(secrets={"a": AwsSecretSpec(existing_arn="a")})),
    (
        "AwsIrsaIdentityArgs.oidc_provider_arn",
        lambda: AwsIrsaIdentityArgs(
            names=samples.NAMES,
            cluster=None,  # type: ignore[arg-type]
            service_account=samples.ACCOUNT_OF_OPERATOR,
            grant=GRANT,
            oidc_provider_arn="arn:aws:iam::123456789012:role/x",
        ),
    ),
    ("IdentityRef.store_settings", pod_identity_with_reference),
    ("StoreCondition.namespaces", StoreCondition),
    ("StoreCondition.namespaces", lambda: StoreCondition(namespaces=[])),
    ("StoreCondition.namespaces", lambda: StoreCondition(namespaces=["a"], namespace_regexes=["b"])),
    ("ClusterSecretStoreArgs.conditions", lambda: store(conditions=[])),
    ("ClusterSecretStoreArgs.timeout_seconds", lambda: store(timeout_seconds=1)),
    (
        "NamespaceSecretStoreArgs.identity.service_account.namespace",
        lambda: NamespaceSecretStoreArgs(
            namespace="apps", store_name="prod", store=samples.STORE, identity=samples.irsa()
        ),
    ),
    (
        "ExternalSecretsOperatorArgs.namespaces",
        lambda: ExternalSecretsOperatorArgs(identity=samples.irsa(), namespaces={}),
    ),
    (
        "ExternalSecretsOperatorArgs.identity.service_account",
        lambda: ExternalSecretsOperatorArgs(
            identity=samples.pod_identity(), namespaces={"apps": None}, service_account=OTHER_ACCOUNT
        ),
    ),
    (
        "ExternalSecretsOperatorArgs.identity.service_account.namespace",
        lambda: ExternalSecretsOperatorArgs(
            identity=samples.irsa(account=ServiceAccountRef(namespace="apps", name="x")), namespaces={"apps": None}
        ),
    ),
    (
        "FirstSyncArgs.timeout_seconds",
        lambda: FirstSyncArgs(namespace="a", store_name="b", canary=CanaryRef(remote_key="c"), timeout_seconds=9999),
    ),
    (
        "ArgoCdSecretsArgs.clusters.prod.config",
        lambda: ArgoCdSecretsArgs(
            namespace="argocd", store_name="prod", clusters={"prod": ArgoCluster(config={"bearerToken": "x-leak"})}
        ),
    ),
    (
        "ClusterBootstrapArgs.conditions",
        lambda: ClusterBootstrapArgs(
            store=samples.STORE,
            canary=CanaryRef(remote_key="c"),
            identity=samples.irsa(),
            store_name="prod",
            conditions=[],
        ),
    ),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.field == field
    assert caught.value.mend
    assert "x-leak" not in str(caught.value)


def test_an_identity_opens_only_its_own_managers() -> None:
    def program() -> None:
        with pytest.raises(ConfigError, match="the identity irsa does not open the manager aws"):
            ClusterSecretStore("it", store(identity=samples.irsa("gcpsm")))

    assert run(program).resources == {}
