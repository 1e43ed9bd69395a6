"""Changes of the encryption, and a KMS that says no."""

from pathlib import Path

import httpx2
import pytest

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.kubernetes import control_plane, programs
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.toolchain.folders import tools_dir
from components.kubernetes.encryption.configuration import KmsProvider, encryption_configuration
from tests.cluster.control_plane.helpers import PROVIDER_NAME, Encryption, leftovers

SECOND_SOCKET = "/var/run/kmsplugin-2/socket.sock"


@pytest.fixture
def written(api: httpx2.Client) -> str:
    secret = {"metadata": {"generateName": "before-"}, "stringData": {"value": "survives"}}
    return str(
        api.post("/api/v1/namespaces/default/secrets", json=secret).raise_for_status().json()["metadata"]["name"]
    )


FIRST, SECOND = KmsProvider(name=PROVIDER_NAME), KmsProvider(name="aws-kms-2", socket=SECOND_SOCKET)


def test_a_rotation_to_another_key_rewrites_every_secret(
    plane: ControlPlane, api: httpx2.Client, encryption: Encryption, written: str
) -> None:
    second = encryption.plugin(encryption.second_key_arn, name="second", socket=SECOND_SOCKET)
    both = f"{encryption.plugin()}---\n{second}"
    try:
        plane.update_encryption(encryption_configuration(SECOND, FIRST), both)
        raw = plane.raw_etcd_value("default", written)
        assert raw.startswith(b"k8s:enc:kms:v2:aws-kms-2:")
        assert encryption.second_key_arn.encode() in raw
        # Every Secret is under the new key, so the old provider can go.
        plane.update_encryption(encryption_configuration(SECOND), second)
        assert api.get(f"/api/v1/namespaces/default/secrets/{written}").json()["data"] == {"value": "c3Vydml2ZXM="}
    finally:
        plane.update_encryption(encryption_configuration(FIRST, SECOND), both)
        plane.update_encryption(encryption.configuration, encryption.plugin())
    assert plane.raw_etcd_value("default", written).startswith(f"k8s:enc:kms:v2:{PROVIDER_NAME}:".encode())
    assert plane.is_healthy()


def test_a_configuration_without_the_writing_provider_is_refused(plane: ControlPlane, encryption: Encryption) -> None:
    second = encryption.plugin(encryption.second_key_arn, name="second", socket=SECOND_SOCKET)
    with pytest.raises(BootstrapError, match=f"no provider {PROVIDER_NAME}"):
        plane.update_encryption(encryption_configuration(SECOND), second)
    with pytest.raises(BootstrapError, match=f"no provider {PROVIDER_NAME}"):
        plane.update_encryption(None, None)
    assert plane.ensure() == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What will not get well is given up sooner than in earnest."""
    monkeypatch.setattr(control_plane, "_STATIC_POD_SECONDS", 6.0)
    monkeypatch.setattr(programs, "_START_SECONDS", 12.0)


def test_a_key_that_cannot_read_what_is_there_is_taken_back(
    plane: ControlPlane, api: httpx2.Client, encryption: Encryption, written: str, impatient: None
) -> None:
    with pytest.raises(BootstrapError) as caught:
        plane.update_encryption(encryption.configuration, encryption.plugin(encryption.second_key_arn))
    assert "the old configuration is in place again" in caught.value.why
    assert plane.is_healthy()
    assert api.get(f"/api/v1/namespaces/default/secrets/{written}").json()["data"] == {"value": "c3Vydml2ZXM="}


def test_a_key_that_cannot_be_used_is_said_and_nothing_is_left(
    state: Path, aws: LocalAws, port_base: int, encryption: Encryption, impatient: None
) -> None:
    absent = encryption.key_arn.rsplit("/", 1)[0] + "/00000000-0000-0000-0000-000000000000"
    with pytest.raises(BootstrapError) as caught:
        encryption.create(state, "broken", aws, tools_dir(), port_base + 40, absent)
    assert caught.value.what == "aws-encryption-provider of cluster broken did not become healthy"
    assert "its last log line: " in caught.value.why
    assert "when calling the Encrypt operation" in caught.value.why

    [broken] = [plane for plane in ControlPlane.existing(state, aws) if plane.name == "broken"]
    assert not broken.is_healthy()
    broken.delete()
    assert leftovers(broken.directory) == []
    assert not broken.directory.exists()
    assert [path.name for path in (state / "clusters").iterdir() if "broken" in path.name] == []
