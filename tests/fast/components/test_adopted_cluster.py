"""A cluster and an operator that are there already are used, and nothing of them is created, changed or destroyed."""

from typing import Any

import pytest

from components import ConfigError, ExternalSecretsOperatorArgs
from components.kubernetes.operator_rbac import CLUSTER_RULES
from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording
from tests.fast.components.test_adoption import bootstrap
from tests.fast.components.test_golden import machine, run_stack  # noqa: F401 - a fixture

STORE_ACCOUNT = {"kind": "irsa", "serviceAccountRef": {"namespace": "external-secrets", "name": "store"}}
OTHER_KEY = samples.KEY_ARN.replace("0f0f", "dddd")


def there(key: str | None = samples.KEY_ARN) -> dict[str, Any]:
    """What EKS says of the cluster `theirs`."""
    cluster: dict[str, Any] = {
        "name": "theirs",
        "endpoint": "https://theirs.example.com",
        "certificateAuthority": {"data": "Q0E="},
        "identities": [{"oidcs": [{"issuer": samples.ISSUER}]}],
    }
    if key is not None:
        cluster["encryptionConfig"] = {"provider": {"keyArn": key}, "resources": ["secrets"]}
    return {"theirs": cluster}


def adopted(
    key: str | None = samples.KEY_ARN, *, identity: str = "irsa", preview: bool = False, **cluster: Any
) -> Recording:
    """The EKS stack with a cluster that is there, encrypted by `key`; the environment's key for etcd is KEY_ARN."""
    environment = samples.environment(
        cluster={"kind": "eks", "name": "theirs", "existing": True, **cluster},
        keys={"existing": {"etcd": samples.KEY_ARN}},
        identity={"kind": identity},
    )
    return run_stack("eks", "platform", {"prod": environment}, preview=preview, there=there(key))


@pytest.mark.parametrize("identity", ["irsa", "podIdentity"])
def test_an_existing_cluster_is_only_read(identity: str) -> None:
    recording = adopted(identity=identity)
    assert recording.reads == [("aws:eks/cluster:Cluster", "theirs")]
    of_eks = {one.token for one in recording.resources.values() if one.token.startswith("aws:eks/")}
    assert of_eks == ({"aws:eks/podIdentityAssociation:PodIdentityAssociation"} if identity == "podIdentity" else set())
    assert "platform-prod-eks-cluster" not in str([one.inputs.get("name") for one in recording.resources.values()])
    assert "https://theirs.example.com" in recording.named("prod-cluster-kubernetes").inputs["kubeconfig"]
    assert recording.of("kubernetes:external-secrets.io/v1:ExternalSecret")


def test_nothing_in_an_existing_cluster_comes_before_the_check() -> None:
    recording = adopted(identity="podIdentity")
    provider = recording.named("prod-cluster-kubernetes")
    for one in recording.resources.values():
        if one.token.startswith("kubernetes:") or "podIdentity" in one.token:
            assert recording.needs(one, provider), one.name


@pytest.mark.parametrize("key", [None, OTHER_KEY], ids=["eks's own key", "another key"])
def test_an_existing_cluster_with_other_encryption_is_refused(key: str | None) -> None:
    with pytest.raises(ConfigError, match=r"environments\.prod\.cluster\.encryption.*\n.*keys\.existing\.etcd"):
        adopted(key)


@pytest.mark.parametrize("key", [None, OTHER_KEY], ids=["eks's own key", "another key"])
def test_other_encryption_can_be_accepted(key: str | None) -> None:
    assert adopted(key, encryption="any").reads == [("aws:eks/cluster:Cluster", "theirs")]


def test_a_preview_of_an_existing_cluster_knows_every_resource() -> None:
    assert adopted(preview=True).resources.keys() == adopted().resources.keys()


def kinds(recording: Recording, token: str) -> set[str]:
    return {one.inputs["metadata"]["name"] for one in recording.of(token)}


def test_an_existing_operator_is_left_alone() -> None:
    recording = bootstrap(operator={"existing": True}, identity=STORE_ACCOUNT)
    assert recording.of("kubernetes:helm.sh/v3:Release") == []
    assert not [one for one in recording.resources.values() if ":rbac." in one.token]
    assert kinds(recording, "kubernetes:core/v1:Namespace") == {"apps", "argocd", "secrets-bootstrap"}
    assert kinds(recording, "kubernetes:core/v1:ServiceAccount") == {"store"}
    store = recording.named("prod-bootstrap-store-store")
    assert recording.needs(store, recording.named("prod-bootstrap-operator-store-account"))


def test_an_existing_operator_gets_roles_only_if_that_is_said() -> None:
    operator = {"existing": True, "grantPermissions": True, "namespace": "eso", "serviceAccount": "theirs"}
    recording = bootstrap(operator=operator, identity={"kind": "podIdentity"})
    watcher = recording.named("prod-bootstrap-operator-watcher")
    assert len(watcher.inputs["rules"]) == len(CLUSTER_RULES)
    bindings = recording.of("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
    assert {(one["namespace"], one["name"]) for binding in bindings for one in binding.inputs["subjects"]} == {
        ("eso", "theirs")
    }
    assert not [one for one in recording.resources.values() if "certificates" in one.name]
    association = recording.named("prod-identity-association")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == ("eso", "theirs")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"existing": True}, "identity.service_account"),
        ({"grant_permissions": True}, "grant_permissions"),
        ({"existing": True, "environment": {"A": "b"}}, "environment"),
    ],
)
def test_what_cannot_be_done_to_an_existing_operator(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError, match=rf"ExternalSecretsOperatorArgs\.{field}: "):
        ExternalSecretsOperatorArgs(identity=samples.irsa(), namespaces={"apps": None}, **changes)
