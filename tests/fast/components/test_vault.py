"""What an environment on Vault is made of: pinned whole, and the points that matter said on their own."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from components import (
    ClusterEncryption,
    ClusterRef,
    DeletionProfile,
    NamespaceSecretStore,
    NamespaceSecretStoreArgs,
    SecretsBootstrap,
    SecretsBootstrapArgs,
    ServiceAccountRef,
    VaultAudit,
    VaultAuditArgs,
    VaultEnvironmentKeys,
    VaultEnvironmentKeysArgs,
    VaultJwtIdentity,
    VaultJwtIdentityArgs,
    VaultKubernetesIdentity,
    VaultKubernetesIdentityArgs,
    parse_config,
)
from components.kubernetes.operator import ChartSource
from tests.fast.components import samples, samples_vault
from tests.fast.components.mock_engine import SECRET, Recording, run

STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
ENDPOINT = "vault:generic/endpoint:Endpoint"
REVIEW = [{"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]}]
KINDS = ("vaultKubernetes", "vaultJwt")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def create_cluster(name: str, _encryption: ClusterEncryption, opts: pulumi.ResourceOptions) -> ClusterRef:
    """A cluster whose provider stands for all that creating one makes."""
    return samples_vault.cluster(provider=kubernetes.Provider(name, kubeconfig="{}", opts=opts))


def bootstrap(kind: str = "vaultKubernetes", **changes: Any) -> Recording:
    identity = {"kind": kind, "audience": "vault", **changes.pop("identity", {})}
    config = parse_config(samples.configuration(prod=samples_vault.environment(identity=identity, **changes)))

    def program() -> None:
        arguments = SecretsBootstrapArgs(
            names=config.names("prod"),
            environment=config.environments["prod"],
            create_cluster=create_cluster,
            chart=ChartSource(chart="charts/external-secrets", repository=None, version=None),
        )
        SecretsBootstrap("prod", arguments)

    return run(program)


def golden(recording: Recording) -> list[Mapping[str, Any]]:
    return [
        {
            "token": one.token,
            "name": one.name,
            "parent": one.parent.rpartition("::")[2],
            "protect": one.protect,
            "providers": recording.provider_names(one),
            "inputs": one.inputs,
        }
        for one in sorted(recording.resources.values(), key=lambda one: one.urn)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_environment(kind: str, snapshot: SnapshotAssertion) -> None:
    assert golden(bootstrap(kind)) == snapshot


def test_audit(snapshot: SnapshotAssertion) -> None:
    assert golden(run(lambda: VaultAudit("audit", VaultAuditArgs(file_path="/var/log/vault/audit.log")))) == snapshot


def test_the_store_as_the_operator_reads_it() -> None:
    (store,) = bootstrap().of(STORE)
    assert store.inputs["spec"]["provider"] == {
        "vault": {
            "server": samples_vault.ADDRESS,
            "path": "platform/prod/secrets",
            "version": "v2",
            "caBundle": base64.b64encode(samples_vault.CERTIFICATE.encode()).decode(),
            "auth": {
                "kubernetes": {
                    "mountPath": "platform/prod/kubernetes",
                    "role": "platform-prod-external-secrets",
                    # Vault asks the API server with this very token, so it has to be meant for both.
                    "serviceAccountRef": {
                        "name": "external-secrets",
                        "namespace": "external-secrets",
                        "audiences": ["vault", samples.ISSUER],
                    },
                }
            },
        }
    }
    (jwt,) = bootstrap("vaultJwt").of(STORE)
    assert jwt.inputs["spec"]["provider"]["vault"]["auth"] == {
        "jwt": {
            "path": "platform/prod/jwt",
            "role": "platform-prod-external-secrets",
            "kubernetesServiceAccountToken": {
                "serviceAccountRef": {"name": "external-secrets", "namespace": "external-secrets"},
                "audiences": ["vault"],
                "expirationSeconds": 600,
            },
        }
    }


def test_a_public_authority_needs_no_bundle() -> None:
    (store,) = bootstrap(caCertificate=None).of(STORE)
    assert "caBundle" not in store.inputs["spec"]["provider"]["vault"]


def test_an_audience_of_the_api_server_of_its_own() -> None:
    recording = bootstrap(identity={"apiAudience": "https://kubernetes.default.svc"})
    (store,) = recording.of(STORE)
    reference = store.inputs["spec"]["provider"]["vault"]["auth"]["kubernetes"]["serviceAccountRef"]
    assert reference["audiences"] == ["vault", "https://kubernetes.default.svc"]


def test_first_sync_and_repository_name_the_property() -> None:
    recording = bootstrap()
    (push,) = recording.of("kubernetes:external-secrets.io/v1alpha1:PushSecret")
    assert push.inputs["spec"]["data"][0]["match"]["remoteRef"] == {"remoteKey": "canary", "property": "value"}
    assert push.inputs["spec"]["updatePolicy"] == "IfNotExists"
    for one in recording.of("kubernetes:external-secrets.io/v1:ExternalSecret"):
        assert {entry["remoteRef"]["property"] for entry in one.inputs["spec"]["data"]} == {"value"}


def test_containers_are_empty_and_only_the_deploy_key_has_a_value() -> None:
    recording = bootstrap()
    # pulumi-vault takes every `data_json` for a secret.
    made = {one.inputs["path"]: json.loads(one.inputs["dataJson"][SECRET]) for one in recording.of(ENDPOINT)}
    assert made.keys() == {
        f"platform/prod/secrets/metadata/{name}" for name in ("canary", "database", "tenants/acme", "argocd/platform")
    }
    assert all(body.keys() == {"custom_metadata"} for body in made.values())
    # What the operator itself would write, to the letter: else every run would change it back.
    assert made["platform/prod/secrets/metadata/canary"] == {"custom_metadata": {"managed-by": "external-secrets"}}
    (value,) = recording.of("vault:kv/secretV2:SecretV2")
    assert (value.inputs["mount"], value.inputs["name"]) == ("platform/prod/secrets", "argocd/platform")
    assert SECRET in value.inputs["dataJson"]
    assert recording.needs(value, recording.named("prod-foundation-secrets-argocd/platform"))


def test_a_role_trusts_one_service_account_one_namespace_and_one_audience() -> None:
    (role,) = bootstrap().of("vault:kubernetes/authBackendRole:AuthBackendRole")
    (settings,) = bootstrap().of("vault:kubernetes/authBackendConfig:AuthBackendConfig")
    (jwt,) = bootstrap("vaultJwt").of("vault:jwt/authBackendRole:AuthBackendRole")
    assert role.inputs["boundServiceAccountNames"] == ["external-secrets"]
    assert role.inputs["boundServiceAccountNamespaces"] == ["external-secrets"]
    assert "boundServiceAccountNamespaceSelector" not in role.inputs  # it would be ORed with the namespaces
    assert role.inputs["audience"] == "vault"
    assert (jwt.inputs["boundAudiences"], jwt.inputs["userClaim"]) == (["vault"], "sub")
    assert jwt.inputs["boundSubject"] == "system:serviceaccount:external-secrets:external-secrets"
    for one in (role, jwt):
        assert one.inputs["tokenPolicies"] == ["platform-prod-external-secrets"]
        assert one.inputs["tokenNoDefaultPolicy"] is True
        assert (one.inputs["tokenTtl"], one.inputs["tokenMaxTtl"]) == (600, 600)
    assert settings.inputs["disableLocalCaJwt"] is True
    assert not any("reviewer" in key.lower() for key in settings.inputs)


def test_only_a_reviewed_tokens_account_may_review_tokens() -> None:
    reviewer = {"serviceAccountRef": {"namespace": "external-secrets", "name": "reader"}}
    recording = bootstrap(identity=reviewer)
    role = recording.named("prod-bootstrap-operator-review")
    assert role.inputs["rules"] == REVIEW
    binding = recording.named("prod-bootstrap-operator-review-binding")
    assert binding.inputs["roleRef"]["name"] == role.inputs["metadata"]["name"]
    assert binding.inputs["subjects"] == [{"kind": "ServiceAccount", "name": "reader", "namespace": "external-secrets"}]
    controller = recording.named("prod-bootstrap-operator-controller")
    assert recording.needs(controller, binding)
    assert not any("-review" in one.name for one in bootstrap("vaultJwt").resources.values())


def test_a_namespaces_store_lets_its_own_account_review_tokens() -> None:
    def program() -> None:
        identity = samples_vault.identity(ServiceAccountRef(namespace="apps", name="reader"))
        arguments = NamespaceSecretStoreArgs(
            namespace="apps", store_name="team", store=samples_vault.STORE, identity=identity
        )
        NamespaceSecretStore("it", arguments)

    recording = run(program)
    role = recording.named("it-review")
    assert role.inputs["rules"] == REVIEW
    # Cluster roles have no namespace: the name tells two stores of one name apart.
    assert role.inputs["metadata"]["name"] == "external-secrets-review-apps-team"
    assert recording.named("it-review-binding").inputs["subjects"] == [
        {"kind": "ServiceAccount", "name": "reader", "namespace": "apps"}
    ]
    (store,) = recording.of("kubernetes:external-secrets.io/v1:SecretStore")
    assert recording.needs(store, recording.named("it-review-binding"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_order(kind: str) -> None:
    recording = bootstrap(kind)
    (store,) = recording.of(STORE)
    for earlier in (
        "prod-foundation-secrets-settings",
        "prod-foundation-secrets-canary",
        "prod-foundation-secrets-external-secrets-policy",
        "prod-identity-method",
        "prod-identity-role",
    ):
        assert recording.needs(store, recording.named(earlier)), earlier
    assert recording.needs(
        recording.named("prod-foundation-secrets-canary"), recording.named("prod-foundation-secrets-settings")
    )


@pytest.mark.parametrize("profile", DeletionProfile)
def test_deletion_profiles(profile: DeletionProfile) -> None:
    recording = bootstrap(deletionProfile=str(profile))
    durable = profile is DeletionProfile.DURABLE
    kept = ("vault:index/mount:Mount", "vault:transit/secretBackendKey:SecretBackendKey", ENDPOINT)
    for token in kept:
        assert recording.of(token)
        assert {one.protect for one in recording.of(token)} == {durable}
    keys = recording.of("vault:transit/secretBackendKey:SecretBackendKey")
    assert {one.inputs["deletionAllowed"] for one in keys} == {not durable}


def test_keys_never_leave_vault_and_rotate() -> None:
    for key in bootstrap(keys={"rotationDays": 30}).of("vault:transit/secretBackendKey:SecretBackendKey"):
        assert (key.inputs["exportable"], key.inputs["allowPlaintextBackup"]) == (False, False)
        assert key.inputs["autoRotatePeriod"] == 30 * 86400


def test_adopted_keys() -> None:
    ids: list[Any] = []

    def program() -> None:
        existing = {role: f"legacy/keys/{role}" for role in ("secrets", "etcd", "tenants")}
        keys = VaultEnvironmentKeys("it", VaultEnvironmentKeysArgs(names=samples_vault.NAMES, existing=existing))
        ids.extend([keys.secrets.id, keys.etcd.id, keys.tenants.id])

    assert [one.name for one in run(program).resources.values()] == ["it"]  # not even a mount
    assert ids == ["legacy/keys/secrets", "legacy/keys/etcd", "legacy/keys/tenants"]
    recording = bootstrap(keys={"existing": {"etcd": "legacy/keys/etcd"}})
    made = {one.inputs["name"] for one in recording.of("vault:transit/secretBackendKey:SecretBackendKey")}
    assert made == {"secrets", "tenants"}


def test_an_adopted_kv_engine_and_container() -> None:
    recording = bootstrap(engine={"existingMount": "secret"}, secrets={"legacy": {"existing": True}})
    assert [one.inputs["type"] for one in recording.of("vault:index/mount:Mount")] == ["transit"]
    assert recording.of("vault:kv/secretBackendV2:SecretBackendV2") == []
    made = {one.inputs["path"] for one in recording.of(ENDPOINT)}
    assert made == {"secret/metadata/canary", "secret/metadata/argocd/platform"}
    policy = json.loads(recording.named("prod-foundation-secrets-external-secrets-policy").inputs["policy"])
    assert {path.split("/")[0] for path in policy["path"]} == {"secret", "auth"}


@pytest.mark.parametrize(
    ("make", "method"),
    [
        (
            lambda values: VaultKubernetesIdentity("it", VaultKubernetesIdentityArgs(**values)),
            "vault:index/authBackend:AuthBackend",
        ),
        (lambda values: VaultJwtIdentity("it", VaultJwtIdentityArgs(**values)), "vault:jwt/authBackend:AuthBackend"),
    ],
    ids=KINDS,
)
def test_an_adopted_auth_method(make: Callable[[Any], Any], method: str) -> None:
    recording = run(lambda: make(samples_vault.identity_values(existing_mount="cluster")))
    assert recording.of(method) == []
    assert recording.named("it-role").inputs["backend"] == "cluster"


def test_what_a_cluster_is_given() -> None:
    given: list[ClusterEncryption] = []
    config = parse_config(samples.configuration(prod=samples_vault.environment()))

    def create(_name: str, encryption: ClusterEncryption, _opts: Any) -> ClusterRef:
        given.append(encryption)
        return samples_vault.cluster()

    def program() -> None:
        SecretsBootstrap(
            "prod",
            SecretsBootstrapArgs(
                names=config.names("prod"), environment=config.environments["prod"], create_cluster=create
            ),
        )

    run(program)
    assert given[0].key.id == "platform/prod/transit/keys/etcd"
