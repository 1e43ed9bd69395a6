"""A bare API server for tests of the kubernetes provider: etcd, kube-apiserver, namespace controller; no node."""

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from bootstrap.paths import write_private
from bootstrap.toolchain.folders import tools_dir


@contextmanager
def bare_cluster(directory: Path) -> Iterator[Path]:
    """The path of an administrator's kubeconfig; everything ends with the block."""
    etcd, peer, api = _free_port(), _free_port(), _free_port()
    token = secrets.token_hex(16)
    tokens = write_private(directory / "tokens.csv", f'{token},admin,admin,"system:masters"\n')
    subprocess.run(["openssl", "genrsa", "-out", directory / "sa.key", "2048"], check=True, capture_output=True)
    kubeconfig = write_private(directory / "kubeconfig", json.dumps(_kubeconfig(api, token)))
    account = f"--service-account-signing-key-file={directory / 'sa.key'}"
    programs = [
        [
            "etcd",
            f"--data-dir={directory / 'etcd'}",
            "--unsafe-no-fsync",
            f"--listen-client-urls=http://127.0.0.1:{etcd}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
        ],
        [
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            f"--cert-dir={directory / 'certificates'}",
            f"--secure-port={api}",
            "--bind-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            "--authorization-mode=RBAC",
            f"--token-auth-file={tokens}",
            "--service-account-issuer=https://issuer.test",
            f"--service-account-key-file={directory / 'sa.key'}",
            account,
        ],
        [
            "kube-controller-manager",
            f"--kubeconfig={kubeconfig}",
            "--controllers=namespace-controller,garbage-collector-controller",
            "--leader-elect=false",
            "--secure-port=0",
        ],
    ]
    with (directory / "log").open("wb") as log:
        running = [
            subprocess.Popen([tools_dir() / name, *flags], stdout=log, stderr=log, env={"PATH": os.environ["PATH"]})
            for name, *flags in programs
        ]
        try:
            _wait_until_ready(f"https://127.0.0.1:{api}/readyz", token)
            yield kubeconfig
        finally:
            for process in reversed(running):
                process.kill()
                process.wait()


def _kubeconfig(port: int, token: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [
            {"name": "test", "cluster": {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}}
        ],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "users": [{"name": "test", "user": {"token": token}}],
    }


def _wait_until_ready(url: str, token: str) -> None:
    deadline = time.monotonic() + 60
    with httpx2.Client(verify=False, headers={"Authorization": f"Bearer {token}"}) as http:
        while time.monotonic() < deadline:
            try:
                if http.get(url).is_success:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.2)
    raise TimeoutError("the API server did not become ready: read its log")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
