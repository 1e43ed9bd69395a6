"""Keys of a real Vault behind a real API server: what etcd holds, and rotations with Secrets readable throughout.

The tests are one story, in this order.
"""

import base64
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import connect
from bootstrap.localcloud.certificates import Authority, Client, Pair
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.localcloud.kubernetes.kms.service import KeyUnusableError
from bootstrap.localcloud.kubernetes.kms.vault import CertificateLogin, VaultKey
from bootstrap.localcloud.vault.client import LocalVault
from bootstrap.rotation.etcd.rotation import Rotation
from bootstrap.rotation.etcd.targets import LocalFiles, of_kubeconfig
from tests.cluster.etcd_rotation.conftest import (
    FIRST,
    KEYS,
    MACHINES,
    MOUNT,
    ROLE,
    SECOND,
    Deployer,
    make_secret,
    plugin,
)

VALUE = "what-nobody-may-read-in-etcd"
MANY = 150


@contextmanager
def reader(plane: ControlPlane) -> Iterator[list[str]]:
    """Somebody who reads a Secret all the time, past the API server's cache; whatever goes wrong is in the list."""
    wrong, reads, stop = list[str](), [0], threading.Event()

    def read() -> None:
        with connect(str(plane.kubeconfig)) as http:
            while not stop.wait(0.1):
                try:
                    answer = http.get("/api/v1/namespaces/default/secrets/kept")
                    said = base64.b64decode(answer.json()["data"]["value"]).decode() if answer.is_success else ""
                    reads[0] += 1
                    if said != VALUE:
                        wrong.append(f"{answer.status_code}")
                except httpx2.HTTPError as error:
                    wrong.append(type(error).__name__)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield wrong
    finally:
        stop.set()
        thread.join()
    assert reads[0] > 5


def encryptions(plane: ControlPlane) -> set[tuple[str, str]]:
    return {(provider, key_id) for _name, provider, key_id in plane.stored_secrets()}


def test_etcd_holds_ciphertext_of_the_transit_key(plane: ControlPlane, api: httpx2.Client) -> None:
    make_secret(api, "kept", VALUE)
    raw = plane.raw_etcd_value("default", "kept")
    assert raw.startswith(b"k8s:enc:kms:v2:vault-kms-1:")
    assert b"vault:v1:" in raw, "the data's own key is under the first version of the transit key"
    assert VALUE.encode() not in raw
    assert base64.b64encode(VALUE.encode()) not in raw
    assert encryptions(plane) == {("vault-kms-1", "1")}


def test_vault_lets_in_the_named_node_only_and_to_its_keys_only(
    plane: ControlPlane, vault: LocalVault, tmp_path: Path
) -> None:
    def key(pair: Pair, name: str) -> VaultKey:
        login = CertificateLogin(
            address=vault.address,
            authority=vault.machines.server_authority,
            certificate=pair.certificate,
            key=pair.key,
            mount=MACHINES,
            role=ROLE,
        )
        return VaultKey(login, MOUNT, name)

    node = vault.node_certificate("prod")
    assert key(node, KEYS[0]).encrypt(b"x").key_id == "1"
    with pytest.raises(KeyUnusableError, match="403"):
        key(node, "tenants").encrypt(b"x")
    stranger = Pair(tmp_path / "other.crt", tmp_path / "other.key")
    Authority.load(vault.machines.authority).issue_client(stranger, Client("nonprod-node"))
    with pytest.raises(KeyUnusableError, match=f"auth/{MACHINES}/login: 40"):
        key(stranger, KEYS[0]).encrypt(b"x")


def test_a_new_version_of_the_key_is_written_after_a_rewrite(
    plane: ControlPlane, deployer: Deployer, rotation: Rotation
) -> None:
    with reader(plane) as wrong:
        deployer.rotate(KEYS[0])
        with pytest.raises(BootstrapError, match="not known to be under the current key"):
            rotation.check()
        assert rotation.rewrite() > 0
    assert wrong == []
    assert encryptions(plane) == {("vault-kms-1", "2")}
    assert b"vault:v2:" in plane.raw_etcd_value("default", "kept")


def test_a_second_provider_takes_over(
    plane: ControlPlane, api: httpx2.Client, vault: LocalVault, deployer: Deployer, rotation: Rotation
) -> None:
    for number in range(MANY):
        make_secret(api, f"one-{number}", VALUE)
    with reader(plane) as wrong:
        assert isinstance(rotation.files, LocalFiles)
        rotation.files.run_plugin(plugin(vault, SECOND, KEYS[1], port=8085))
        rotation.add(SECOND.name, f"unix://{SECOND.socket}")
        assert encryptions(plane) == {("vault-kms-1", "2")}, "the new provider only reads"
        rotation.promote(SECOND.name)
        assert encryptions(plane) == {("vault-kms-1", "2"), ("vault-kms-2", "1")}

        # Not one step further before every Secret has been rewritten: a second rotation would lose them.
        for step in (
            lambda: rotation.add("vault-kms-3", "unix:///var/run/kmsplugin/third.sock"),
            lambda: rotation.promote(FIRST.name),
            lambda: rotation.remove(FIRST.name),
        ):
            with pytest.raises(BootstrapError, match="not known to be under the current key of provider vault-kms-2"):
                step()
        revisions = of_kubeconfig(plane.kubeconfig, None, Console(quiet=True))
        with pytest.raises(BootstrapError, match="run the step `rewrite` first"):
            revisions.check()

        left = killed_rewrite(plane)  # by the kubeconfig alone, as on a cluster whose etcd cannot be read
        assert 0 < left < MANY
        with pytest.raises(BootstrapError, match=f"^{left} Secrets"):
            rotation.remove(FIRST.name)
        assert rotation.rewrite() == left, "it goes on where the killed run ended"
        assert {provider for provider, _key in encryptions(plane)} == {"vault-kms-2"}

        rotation.remove(FIRST.name)
        rotation.files.end_unused_plugins()
    assert wrong == []
    assert plane.is_healthy()
    assert plane.kms_plugin is not None
    assert "vault-kms-1" not in plane.kms_plugin


def killed_rewrite(plane: ControlPlane) -> int:
    """Kill the command in the middle of its work. Returns how many Secrets it left."""
    command = [sys.executable, "-m", "bootstrap", "rotate-etcd", "rewrite", "--kubeconfig", str(plane.kubeconfig)]
    with subprocess.Popen(command, env={**os.environ, "NO_COLOR": "1"}, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 90
        while sum(provider == "vault-kms-2" for _name, provider, _key in plane.stored_secrets()) < MANY // 4:
            assert process.poll() is None, "it ended before it was killed"
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGKILL)
    return sum(provider != "vault-kms-2" for _name, provider, _key in plane.stored_secrets())
