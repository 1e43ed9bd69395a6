"""Volumes: tokens are asked for the right audience, renewed in time, and paths lead to them."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from bootstrap.localcloud.kubernetes.layout import Layout
from bootstrap.localcloud.kubernetes.node.volumes import TokenFile, VolumeError, Volumes, move_paths

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


class FakeApi:
    """Hands out numbered tokens that live for the seconds that were asked for."""

    def __init__(self) -> None:
        self.audiences: list[str | None] = []

    def request_token(self, pod: Any, audience: str | None, seconds: int) -> tuple[str, datetime.datetime]:
        self.audiences.append(audience)
        return f"token-{len(self.audiences)}", NOW + len(self.audiences) * datetime.timedelta(seconds=seconds)

    def config_map(self, namespace: str, name: str) -> dict[str, str]:
        assert (namespace, name) == ("apps", "kube-root-ca.crt")
        return {"ca.crt": "the authority"}


def pod(*volumes: dict[str, Any]) -> dict[str, Any]:
    mounts = [{"name": volume["name"], "mountPath": f"/mnt/{volume['name']}"} for volume in volumes]
    return {
        "metadata": {"namespace": "apps", "name": "web", "uid": "u"},
        "spec": {"volumes": list(volumes), "containers": [{"name": "main", "volumeMounts": mounts}]},
    }


API_ACCESS = {
    "name": "api",
    "projected": {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3600, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
        ]
    },
}


def test_a_projected_volume_is_filled_with_private_files(tmp_path: Path) -> None:
    api = FakeApi()
    volumes = Volumes(pod(API_ACCESS), tmp_path, Layout("prod", tmp_path, 15200))
    volumes.fill(api)
    folder = volumes.mounts(pod(API_ACCESS)["spec"]["containers"][0])["/mnt/api"]
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "token": "token-1",
        "ca.crt": "the authority",
        "namespace": "apps",
    }
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert api.audiences == [None]


def test_a_token_is_renewed_when_most_of_its_life_is_over(tmp_path: Path) -> None:
    api, token = FakeApi(), TokenFile(tmp_path / "token", "sts.amazonaws.com", 3600)
    assert token.renew(api, pod(), NOW)
    assert not token.renew(api, pod(), NOW + 0.79 * HOUR)
    assert token.path.read_text() == "token-1"
    assert token.renew(api, pod(), NOW + 0.81 * HOUR)
    assert token.path.read_text() == "token-2"
    assert api.audiences == ["sts.amazonaws.com"] * 2


def test_a_renewal_that_fails_is_tried_again_and_the_old_token_stays(tmp_path: Path) -> None:
    class Down(FakeApi):
        def request_token(self, pod: Any, audience: str | None, seconds: int) -> tuple[str, datetime.datetime]:
            raise ConnectionError

    api, token = FakeApi(), TokenFile(tmp_path / "token", None, 3600)
    token.renew(api, pod(), NOW)
    with pytest.raises(ConnectionError):
        token.renew(Down(), pod(), NOW + HOUR)
    assert token.path.read_text() == "token-1"
    assert token.renew(api, pod(), NOW + HOUR)


@pytest.mark.parametrize("kind", ["secret", "persistentVolumeClaim", "nfs"])
def test_other_volumes_are_refused_by_name(tmp_path: Path, kind: str) -> None:
    volumes = Volumes(pod({"name": "data", kind: {}}), tmp_path, Layout("prod", tmp_path, 15200))
    with pytest.raises(VolumeError, match=f"data.*{kind}"):
        volumes.fill(FakeApi())


def test_a_static_pod_gets_nothing_from_the_api(tmp_path: Path) -> None:
    with pytest.raises(VolumeError, match="static pod"):
        Volumes(pod(API_ACCESS), tmp_path, Layout("prod", tmp_path, 15200)).fill(None)


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("/var/run/kms", "/real"),
        ("--listen=/var/run/kms/socket.sock", "--listen=/real/socket.sock"),
        ("unix:///var/run/kms/socket.sock", "unix:///real/socket.sock"),
        ("/var/run/kms2/socket.sock", "/var/run/kms2/socket.sock"),
        ("/other/var/run/kms", "/other/var/run/kms"),
        ("/var/run/kms/deep/file", "/deeper/file"),
    ],
)
def test_mount_paths_become_real_paths(text: str, moved: str) -> None:
    assert move_paths(text, {"/var/run/kms": Path("/real"), "/var/run/kms/deep": Path("/deeper")}) == moved
