"""The shipped topology of a control plane of one's own, previewed on the real engine."""

from typing import Any

import pytest

from tests.engine.planned import of, planned


@pytest.fixture(scope="module")
def self_managed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return planned("self-managed", tmp_path_factory.mktemp("self-managed"))


def test_the_machine_comes_after_its_key_and_by_the_nodes_role(self_managed: list[dict[str, Any]]) -> None:
    types = [one["type"] for one in self_managed]
    assert types.index("aws:kms/key:Key") < types.index("aws:autoscaling/group:Group")
    (profile,) = of(self_managed, "aws:iam/instanceProfile:InstanceProfile").values()
    assert profile["role"] == "platform-prod-node"


def test_everything_inside_the_cluster_is_planned_although_it_is_not_there(self_managed: list[dict[str, Any]]) -> None:
    assert len(of(self_managed, "kubernetes:helm.sh/v3:Release")) == 2
    assert len(of(self_managed, "kubernetes:external-secrets.io/v1:ExternalSecret")) == 2
    (store,) = of(self_managed, "kubernetes:external-secrets.io/v1:ClusterSecretStore").values()
    assert "jwt" in store["spec"]["provider"]["aws"]["auth"]
