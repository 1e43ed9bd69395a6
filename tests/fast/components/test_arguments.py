"""Impossible arguments of single components: refused when they are made, before anything is registered."""

from collections.abc import Callable
from typing import Any

import pytest

from components import (
    ArgoCdSecretsArgs,
    ArgoCluster,
    ArgoRepository,
    AwsEnvironmentKeysArgs,
    AwsFoundationArgs,
    AwsIrsaIdentityArgs,
    AwsNodeEncryptionArgs,
    AwsSecretStoreArgs,
    CanaryRef,
    ChartSource,
    ClusterBootstrapArgs,
    ClusterRef,
    ClusterSecretStore,
    ClusterSecretStoreArgs,
    ConfigError,
    ExternalSecretsOperatorArgs,
    FirstSyncArgs,
    IdentityKind,
    IdentityRef,
    KeyRef,
    NamespaceSecretStoreArgs,
    ServiceAccountRef,
    SshKey,
    StoreCondition,
    StoreRef,
    parse_config,
)
from components.aws.names import AwsNames
from components.aws.secret_store import AwsSecretSpec
from components.cluster_bootstrap import ArgoCdSettings, FirstSyncSettings, OperatorSettings
from tests.fast.components import samples
from tests.fast.components.components_under_test import CONDITIONS, GRANT
from tests.fast.components.mock_engine import run

OTHER_ACCOUNT = ServiceAccountRef(namespace="external-secrets", name="other")


IAM = f"arn:aws:iam::{samples.ACCOUNT}"
SECRET_ARN = f"arn:aws:secretsmanager:eu-west-1:{samples.ACCOUNT}:secret:platform/prod/a-AbCdEf"
POLICIES: dict[str, Any] = {"secrets": {}, "etcd": {}, "tenants": {}}


def keys(**changes: Any) -> AwsEnvironmentKeysArgs:
    return AwsEnvironmentKeysArgs(names=samples.NAMES, **{"policies": POLICIES, **changes})


def adopted(arn: str, **changes: Any) -> AwsSecretStoreArgs:
    return secrets(secrets={"a": AwsSecretSpec(existing_arn=arn, **changes)})


def read_by(*readers: str) -> AwsSecretStoreArgs:
    return secrets(secrets={"a": AwsSecretSpec(readers=readers)})


def irsa_of(provider_arn: str) -> AwsIrsaIdentityArgs:
    return AwsIrsaIdentityArgs(
        names=samples.NAMES,
        cluster=samples.cluster(),
        service_account=samples.ACCOUNT_OF_OPERATOR,
        grant=GRANT,
        oidc_provider_arn=provider_arn,
    )


def nodes(**changes: Any) -> AwsNodeEncryptionArgs:
    values = {"names": samples.NAMES, "etcd_key": samples.key("etcd"), "plugin_image": "x/y:z"}
    return AwsNodeEncryptionArgs(**{**values, **changes})


def operator(**changes: Any) -> ExternalSecretsOperatorArgs:
    return ExternalSecretsOperatorArgs(**{"identity": samples.irsa(), "namespaces": {"apps": None}, **changes})


def first_sync(**changes: Any) -> FirstSyncArgs:
    values = {"namespace": "a", "store_name": "b", "canary": CanaryRef(remote_key="c")}
    return FirstSyncArgs(**{**values, **changes})


def repository(url: str) -> ArgoRepository:
    return ArgoRepository(url=url, credential=SshKey(remote_key="a"))


def argocd(**changes: Any) -> ArgoCdSecretsArgs:
    return ArgoCdSecretsArgs(**{"namespace": "argocd", "store_name": "prod", **changes})


def namespace_store(**changes: Any) -> NamespaceSecretStoreArgs:
    values = {"namespace": "apps", "store_name": "b", "store": samples.STORE, "identity": samples.pod_identity()}
    return NamespaceSecretStoreArgs(**{**values, **changes})


def composite(**changes: Any) -> ClusterBootstrapArgs:
    values = {
        "store": samples.STORE,
        "canary": CanaryRef(remote_key="c"),
        "identity": samples.irsa(),
        "store_name": "prod",
        "conditions": CONDITIONS,
    }
    return ClusterBootstrapArgs(**{**values, **changes})


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
    ("AwsSecretStoreArgs.canary", lambda: secrets(canary="x leak")),
    ("AwsSecretStoreArgs.canary", lambda: secrets(canary="tenants/canary")),
    ("AwsSecretStoreArgs.secrets.a.existing_arn", lambda: adopted("x-leak")),
    ("AwsSecretStoreArgs.secrets.a.existing_arn", lambda: adopted(SECRET_ARN.replace("prod", "x-leak"))),
    ("AwsSecretStoreArgs.secrets.a.readers", lambda: adopted(SECRET_ARN, readers=[f"{IAM}:role/a"])),
    ("AwsSecretStoreArgs.secrets.a.readers.1", lambda: read_by(f"{IAM}:role/a", f"{IAM}:role/*")),
    ("AwsSecretStoreArgs.secrets.a.readers.0", lambda: read_by(f"{IAM}:root")),
    ("AwsSecretStoreArgs.secrets.a.readers.0", lambda: read_by("arn:aws:iam::210987654321:role/a")),
    ("AwsEnvironmentKeysArgs.policies.nothing", lambda: keys(policies={**POLICIES, "nothing": {}})),
    ("AwsEnvironmentKeysArgs.existing.etcd", lambda: keys(existing={"etcd": samples.KEY_ARN.replace("eu-", "us-")})),
    (
        "AwsFoundationArgs.names",
        lambda: AwsFoundationArgs(
            names=AwsNames(prefix="platform", environment="prod", account_id="999999999999", region="eu-west-1"),
            environment=parse_config(samples.configuration()).environments["prod"],
        ),
    ),
    ("AwsIrsaIdentityArgs.oidc_provider_arn", lambda: irsa_of(f"{IAM}:role/x-leak")),
    ("AwsIrsaIdentityArgs.oidc_provider_arn", lambda: irsa_of("arn:aws:iam::999999999999:oidc-provider/x-leak")),
    ("AwsNodeEncryptionArgs.plugin_image", lambda: nodes(plugin_image="x-leak:latest")),
    ("AwsNodeEncryptionArgs.provider_name", lambda: nodes(provider_name="a:b")),
    ("AwsNodeEncryptionArgs.etcd_key.id", lambda: nodes(etcd_key=KeyRef(id="alias/etcd"))),
    ("ServiceAccountRef.namespace", lambda: ServiceAccountRef(namespace="A", name="a")),
    ("ServiceAccountRef.name", lambda: ServiceAccountRef(namespace="a", name="*")),
    (
        "ClusterRef.issuer_url",
        lambda: ClusterRef(name="prod", issuer_url="http://x-leak", provider=samples.cluster().provider),
    ),
    ("ChartSource.version", lambda: ChartSource(version=None)),
    ("ChartSource.version", lambda: ChartSource(chart="oci://x-leak/chart", repository=None, version=None)),
    ("ChartSource.repository", lambda: ChartSource(chart="oci://x-leak/chart")),
    ("ChartSource.repository", lambda: ChartSource(repository="http://x-leak")),
    ("IdentityRef.store_settings", pod_identity_with_reference),
    ("StoreCondition.namespaces", StoreCondition),
    ("StoreCondition.namespaces", lambda: StoreCondition(namespaces=[])),
    ("StoreCondition.namespaces", lambda: StoreCondition(namespaces=["a"], namespace_regexes=["b"])),
    ("StoreCondition.namespaces.1", lambda: StoreCondition(namespaces=["a", "x-leak-"])),
    ("StoreCondition.namespace_selector.team", lambda: StoreCondition(namespace_selector={"team": "x leak"})),
    ("StoreCondition.namespace_selector.-", lambda: StoreCondition(namespace_selector={"-": "a"})),
    ("StoreCondition.namespace_regexes.0", lambda: StoreCondition(namespace_regexes=["(x-leak"])),
    ("StoreCondition.namespace_regexes.1", lambda: StoreCondition(namespace_regexes=["^a$", "x-leak"])),
    ("ClusterSecretStoreArgs.store_name", lambda: store(store_name="x leak")),
    ("ClusterSecretStoreArgs.identity", lambda: store(identity=samples.irsa("gcpsm"))),
    ("NamespaceSecretStoreArgs.namespace", lambda: namespace_store(namespace="x leak")),
    ("NamespaceSecretStoreArgs.store_name", lambda: namespace_store(store_name="x leak")),
    ("NamespaceSecretStoreArgs.timeout_seconds", lambda: namespace_store(timeout_seconds=9)),
    ("NamespaceSecretStoreArgs.identity", lambda: namespace_store(store=StoreRef(backend="vault", settings={}))),
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
    ("ExternalSecretsOperatorArgs.namespaces.x leak", lambda: operator(namespaces={"x leak": None})),
    ("ExternalSecretsOperatorArgs.timeout_seconds", lambda: operator(timeout_seconds=29)),
    (
        "ExternalSecretsOperatorArgs.environment.AWS_SECRET_ACCESS_KEY",
        lambda: operator(environment={"AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": "x-leak"}),
    ),
    (
        "ExternalSecretsOperatorArgs.environment.aws_session_token",
        lambda: operator(environment={"aws_session_token": "x-leak"}),
    ),
    ("FirstSyncArgs.timeout_seconds", lambda: first_sync(timeout_seconds=9999)),
    ("FirstSyncArgs.refresh_interval", lambda: first_sync(refresh_interval="x-leak")),
    ("FirstSyncArgs.namespace", lambda: first_sync(namespace="x leak")),
    ("FirstSyncArgs.store_name", lambda: first_sync(store_name="x leak")),
    ("ArgoCdSecretsArgs.namespace", lambda: argocd(namespace="x leak")),
    ("ArgoCdSecretsArgs.store_name", lambda: argocd(store_name="x leak")),
    ("ArgoCdSecretsArgs.refresh_interval", lambda: argocd(refresh_interval="0")),
    ("ArgoCdSecretsArgs.timeout_seconds", lambda: argocd(timeout_seconds=0)),
    ("ArgoCdSecretsArgs.repositories.a b", lambda: argocd(repositories={"a b": repository("git@x:a")})),
    (
        "ArgoRepository.url",
        lambda: argocd(repositories={"a": repository("https://user:x-leak@git.example.com/a.git")}),
    ),
    ("ArgoCdSecretsArgs.clusters.a b", lambda: argocd(clusters={"a b": ArgoCluster()})),
    ("ArgoCluster.server", lambda: argocd(clusters={"a": ArgoCluster(server="http://x-leak")})),
    (
        "ArgoCluster.config",
        lambda: argocd(clusters={"prod": ArgoCluster(config={"bearerToken": "x-leak"})}),
    ),
    (
        "ArgoCluster.config",
        lambda: argocd(clusters={"prod": ArgoCluster(config={"tlsClientConfig": {"KEYDATA": "x-leak"}})}),
    ),
    (
        "ArgoCluster.config",
        lambda: argocd(
            clusters={
                "prod": ArgoCluster(
                    config={"execProviderConfig": {"command": "aws", "env": {"AWS_SECRET_ACCESS_KEY": "x-leak"}}}
                )
            }
        ),
    ),
    # The composite refuses what its children would, before the first of them is registered.
    ("FirstSyncArgs.refresh_interval", lambda: composite(first_sync=FirstSyncSettings(refresh_interval="x-leak"))),
    ("ExternalSecretsOperatorArgs.timeout_seconds", lambda: composite(operator=OperatorSettings(timeout_seconds=1))),
    ("ExternalSecretsOperatorArgs.namespaces.x leak", lambda: composite(namespaces=["x leak"])),
    ("ClusterSecretStoreArgs.store_name", lambda: composite(store_name="x leak")),
    (
        "ArgoRepository.url",
        lambda: composite(argocd=ArgoCdSettings(repositories={"a": repository("https://x-leak")})),
    ),
    ("ClusterBootstrapArgs.conditions", lambda: composite(conditions=[])),
]


@pytest.mark.parametrize(("field", "make"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, make: Callable[[], object]) -> None:
    def program() -> None:
        with pytest.raises(ConfigError) as caught:
            make()
        assert caught.value.field == field
        assert caught.value.mend
        assert "x-leak" not in str(caught.value)

    run(program)


def test_an_identity_opens_only_its_own_managers() -> None:
    def program() -> None:
        with pytest.raises(ConfigError, match="the identity irsa does not open the manager aws"):
            ClusterSecretStore("it", store(identity=samples.irsa("gcpsm")))

    assert run(program).resources == {}
