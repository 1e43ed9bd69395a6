"""The shipped EKS topology, previewed on the real engine."""

from typing import Any

import pytest

from tests.engine.planned import of, planned


@pytest.fixture(scope="module")
def eks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return planned("eks", tmp_path_factory.mktemp("eks"))


def test_clusters_are_created_with_the_key_wired_in(eks: list[dict[str, Any]]) -> None:
    clusters = of(eks, "aws:eks/cluster:Cluster")
    assert len(clusters) == 2
    for inputs in clusters.values():
        assert inputs["encryptionConfig"]["resources"] == ["secrets"]
        assert inputs["accessConfig"]["bootstrapClusterCreatorAdminPermissions"] is False
    # Nothing of the cluster is planned before its keys: the engine lists resources in the order of registration.
    types = [one["type"] for one in eks]
    assert types.index("aws:kms/key:Key") < types.index("aws:eks/cluster:Cluster")


def test_everything_inside_the_clusters_is_planned_although_they_are_not_there(eks: list[dict[str, Any]]) -> None:
    assert len(of(eks, "kubernetes:helm.sh/v3:Release")) == 4
    assert len(of(eks, "kubernetes:external-secrets.io/v1:ClusterSecretStore")) == 2
    assert len(of(eks, "kubernetes:external-secrets.io/v1:ExternalSecret")) == 4


def test_pod_identity_and_irsa(eks: list[dict[str, Any]]) -> None:
    assert len(of(eks, "aws:eks/podIdentityAssociation:PodIdentityAssociation")) == 1
    assert len(of(eks, "aws:iam/openIdConnectProvider:OpenIdConnectProvider")) == 1
    stores = of(eks, "kubernetes:external-secrets.io/v1:ClusterSecretStore")
    providers = {name: inputs["spec"]["provider"]["aws"] for name, inputs in stores.items()}
    assert "auth" not in providers["prod-bootstrap-store-store"]
    assert "jwt" in providers["nonprod-bootstrap-store-store"]["auth"]
