"""Folders, files and ports."""

import socket
import stat
from pathlib import Path

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.paths import PORTS_PER_CLUSTER, Ports, private_dir, require_free, state_dir, write_private


def test_private_files_are_private(tmp_path: Path) -> None:
    file = write_private(private_dir(tmp_path / "a") / "b", "x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_ports_are_chosen_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_PORT_BASE", "25000")
    ports = Ports.load(tmp_path)
    assert (ports.aws, ports.cluster_base("prod")) == (25000, 25000 + PORTS_PER_CLUSTER)
    assert ports.cluster_base("nonprod") == 25000 + 2 * PORTS_PER_CLUSTER
    monkeypatch.setenv("SECRETS_BOOTSTRAP_PORT_BASE", "26000")
    again = Ports.load(tmp_path)
    assert (again.aws, again.cluster_base("prod")) == (25000, 25000 + PORTS_PER_CLUSTER)


@pytest.mark.parametrize("base", ["x", "0", "80", "65501", "-1"])
def test_a_port_base_that_cannot_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_PORT_BASE", base)
    with pytest.raises(BootstrapError, match="SECRETS_BOOTSTRAP_PORT_BASE"):
        Ports.load(tmp_path)
    assert not (tmp_path / "ports.json").exists()


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(BootstrapError, match=f"port {port} "):
            require_free(port, "local AWS")
    require_free(port, "local AWS")


def test_each_checkout_and_stack_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRETS_BOOTSTRAP_STATE_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_dir("local") != state_dir("local-vault")
    assert state_dir("local").is_relative_to(tmp_path)
