"""The shipped EKS topology on the real engine, with nothing there: no account, no cluster, no definitions."""

import json
from pathlib import Path
from typing import Any

import pytest

from bootstrap.engine import Engine
from bootstrap.toolchain.folders import tools_dir


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a preview would create."""
    directory: Path = tmp_path_factory.mktemp("eks")
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    engine = Engine(stack="eks", directory=directory, tools=tools_dir(), cloud_environment=nowhere)
    engine.prepare()
    steps = json.loads(engine.operate("preview", "--json", capture=True))["steps"]
    assert {step["op"] for step in steps} == {"create"}
    return [step["newState"] for step in steps]


def of(planned: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {one["urn"].rsplit("::", 1)[-1]: one["inputs"] for one in planned if one["type"] == kind}


def test_clusters_are_created_with_the_key_wired_in(planned: list[dict[str, Any]]) -> None:
    clusters = of(planned, "aws:eks/cluster:Cluster")
    assert len(clusters) == 2
    for inputs in clusters.values():
        assert inputs["encryptionConfig"]["resources"] == ["secrets"]
        assert inputs["accessConfig"]["bootstrapClusterCreatorAdminPermissions"] is False
    # Nothing of the cluster is planned before its keys: the engine lists resources in the order of registration.
    types = [one["type"] for one in planned]
    assert types.index("aws:kms/key:Key") < types.index("aws:eks/cluster:Cluster")


def test_everything_inside_the_clusters_is_planned_although_they_are_not_there(planned: list[dict[str, Any]]) -> None:
    assert len(of(planned, "kubernetes:helm.sh/v3:Release")) == 4
    assert len(of(planned, "kubernetes:external-secrets.io/v1:ClusterSecretStore")) == 2
    assert len(of(planned, "kubernetes:external-secrets.io/v1:ExternalSecret")) == 4


def test_pod_identity_and_irsa(planned: list[dict[str, Any]]) -> None:
    assert len(of(planned, "aws:eks/podIdentityAssociation:PodIdentityAssociation")) == 1
    assert len(of(planned, "aws:iam/openIdConnectProvider:OpenIdConnectProvider")) == 1
    stores = of(planned, "kubernetes:external-secrets.io/v1:ClusterSecretStore")
    providers = {name: inputs["spec"]["provider"]["aws"] for name, inputs in stores.items()}
    assert "auth" not in providers["prod-bootstrap-store-store"]
    assert "jwt" in providers["nonprod-bootstrap-store-store"]["auth"]
