"""The cluster resource with a control plane that only remembers what was asked of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bootstrap.localcloud.kubernetes import control_plane
from bootstrap.providers.registry import provider
from tests.fast.providers.driver import CallFailedError, Driver

CLUSTER = "localcloud:index:Cluster"
INPUTS = {
    "clusterName": "prod",
    "region": "eu-west-1",
    "nodeRoleArn": "arn:aws:iam::123456789012:role/node",
    "encryptionConfiguration": "kind: EncryptionConfiguration",
    "kmsPlugin": "kind: Pod",
}


@dataclass
class FakePlane:
    name: str
    asked: dict[str, Any] = field(default_factory=dict)
    endpoint: str = "https://127.0.0.1:15300"
    authority: str = "-----BEGIN CERTIFICATE-----"
    issuer_url: str = "https://127.0.0.1:15300"
    issuer_thumbprint: str = "a" * 40
    kubeconfig: Path = Path("kubeconfig")
    planes: ClassVar[dict[str, "FakePlane"]] = {}

    @classmethod
    def create(cls, state_dir: Path, name: str, **asked: Any) -> "FakePlane":
        plane = cls.planes.setdefault(name, cls(name))
        plane.asked = asked
        return plane

    @classmethod
    def existing(cls, state_dir: Path, cloud: Any) -> list["FakePlane"]:
        return list(cls.planes.values())

    def update_encryption(self, encryption_configuration: str | None, kms_plugin: str | None) -> None:
        self.asked.update(encryption_configuration=encryption_configuration, kms_plugin=kms_plugin)

    def delete(self) -> None:
        del self.planes[self.name]


@pytest.fixture
def localcloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    FakePlane.planes.clear()
    monkeypatch.setattr(control_plane, "ControlPlane", FakePlane)
    monkeypatch.setenv("SECRETS_BOOTSTRAP_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("SECRETS_BOOTSTRAP_CLOUD", "aws")
    monkeypatch.setenv("SECRETS_BOOTSTRAP_TOOLS", str(tmp_path / "tools"))
    monkeypatch.setenv("SECRETS_BOOTSTRAP_PORT_BASE", "15300")
    return Driver(provider("localcloud"))


def test_the_life_of_a_cluster(localcloud: Driver, tmp_path: Path) -> None:
    id_, state = localcloud.create(CLUSTER, INPUTS)
    assert (id_, state["kubeconfigPath"], state["issuerThumbprint"]) == ("prod", "kubeconfig", "a" * 40)
    asked = FakePlane.planes["prod"].asked
    assert (asked["port_base"], asked["tools"], asked["cloud"].port) == (15320, tmp_path / "tools", 15300)
    assert localcloud.read(CLUSTER, id_, INPUTS, state) == (id_, state, INPUTS)

    new = {**INPUTS, "encryptionConfiguration": "kind: EncryptionConfiguration # rotated"}
    assert localcloud.changed(CLUSTER, INPUTS, new) == {"encryptionConfiguration": "UPDATE"}
    updated = localcloud.update(CLUSTER, id_, INPUTS, new, state)
    assert updated["encryptionConfiguration"] == asked["encryption_configuration"] == new["encryptionConfiguration"]

    localcloud.delete(CLUSTER, id_, new, updated)
    assert localcloud.read(CLUSTER, id_, new, updated)[0] == ""
    localcloud.delete(CLUSTER, id_, new, updated)
    with pytest.raises(CallFailedError, match="no longer on this machine"):
        localcloud.update(CLUSTER, id_, INPUTS, new, state)


def test_a_cluster_of_a_killed_run_is_adopted(localcloud: Driver) -> None:
    FakePlane.create(Path(), "prod")
    localcloud.create(CLUSTER, INPUTS)
    assert list(FakePlane.planes) == ["prod"]


def test_what_makes_another_cluster(localcloud: Driver) -> None:
    for name in ("region", "nodeRoleArn"):
        difference = localcloud.diff(CLUSTER, INPUTS, {**INPUTS, name: "other"})
        assert (list(difference.replaces), difference.deleteBeforeReplace) == ([name], True)


def test_clusters_have_ports_of_their_own(localcloud: Driver, tmp_path: Path) -> None:
    localcloud.create(CLUSTER, INPUTS)
    localcloud.create(CLUSTER, {**INPUTS, "clusterName": "nonprod"})
    assert FakePlane.planes["nonprod"].asked["port_base"] == 15340
    assert json.loads((tmp_path / "ports.json").read_text())["clusters"] == ["prod", "nonprod"]
