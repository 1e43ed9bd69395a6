"""Programs die, ports are taken: what `ensure` repairs, what it says when it cannot, and what outlives everything."""

import socket

import httpx2
import psutil
import pytest

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from tests.cluster.control_plane.helpers import process_of
from tests.local_stack import eventually


def token_of_default_account(api: httpx2.Client) -> str:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    return str(api.post(path, json={"spec": {}}).raise_for_status().json()["status"]["token"])


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver", "kube-controller-manager", "node"])
def test_a_killed_daemon_is_started_again(plane: ControlPlane, api: httpx2.Client, name: str) -> None:
    process = process_of(plane, name)
    assert process is not None
    process.kill()
    assert plane.ensure() == ([name, "kube-controller-manager"] if name == "kube-apiserver" else [name])
    assert plane.is_healthy()
    assert api.get("/api/v1/namespaces/default").status_code == 200


def test_a_killed_kms_plugin_comes_back_by_itself(plane: ControlPlane) -> None:
    process = process_of(plane, "aws-encryption-provider")
    assert process is not None
    process.kill()

    @eventually(15)
    def it_is_back() -> None:
        again = process_of(plane, "aws-encryption-provider")
        assert again is not None
        assert again.pid != process.pid
        assert plane.is_healthy()

    it_is_back()
    assert plane.ensure() == []


def test_everything_killed_at_once_keeps_data_and_issuer(plane: ControlPlane, api: httpx2.Client) -> None:
    secret = {"metadata": {"name": "kept"}, "data": {"value": "a2VwdA=="}}
    api.post("/api/v1/namespaces/default/secrets", json=secret).raise_for_status()
    token = token_of_default_account(api)
    keys = api.get("/openid/v1/jwks").text

    for name in ("etcd", "kube-apiserver", "kube-controller-manager", "node", "aws-encryption-provider"):
        process = process_of(plane, name)
        assert process is not None
        process.kill()
    assert set(plane.ensure()) == {"etcd", "kube-apiserver", "kube-controller-manager", "node"}
    assert plane.is_healthy()

    assert api.get("/api/v1/namespaces/default/secrets/kept").json()["data"] == secret["data"]
    assert api.get("/openid/v1/jwks").text == keys
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    answer = api.post("/apis/authentication.k8s.io/v1/tokenreviews", json=review).raise_for_status().json()
    assert answer["status"]["user"]["username"] == "system:serviceaccount:default:default"


def test_a_taken_port_is_named(plane: ControlPlane) -> None:
    process = process_of(plane, "kube-apiserver")
    assert process is not None
    process.kill()
    psutil.wait_procs([process], timeout=5)
    port = int(plane.endpoint.rsplit(":", 1)[1])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(BootstrapError, match=f"port {port} .kube-apiserver of cluster prod"):
            plane.ensure()
    assert plane.ensure() == ["kube-apiserver", "kube-controller-manager"]


def test_a_hung_daemon_counts_as_dead(plane: ControlPlane) -> None:
    process = process_of(plane, "kube-controller-manager")
    assert process is not None
    process.suspend()
    try:
        assert plane.ensure() == ["kube-controller-manager"]
    finally:
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            process.kill()
