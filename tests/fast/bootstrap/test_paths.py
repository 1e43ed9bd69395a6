"""Folders, files and ports."""

import errno
import shutil
import socket
import stat
from pathlib import Path

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.paths import (
    PORTS_PER_CLUSTER,
    Ports,
    private_dir,
    remove_state,
    require_free,
    state_dir,
    write_private,
)


def test_private_files_are_private(tmp_path: Path) -> None:
    file = write_private(private_dir(tmp_path / "a") / "b", "x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_ports_are_chosen_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_PORT_BASE", "25000")
    ports = Ports.load(tmp_path)
    assert (ports.cloud, ports.cluster_base("prod")) == (25000, 25000 + PORTS_PER_CLUSTER)
    assert ports.cluster_base("nonprod") == 25000 + 2 * PORTS_PER_CLUSTER
    monkeypatch.setenv("SECRETS_BOOTSTRAP_PORT_BASE", "26000")
    again = Ports.load(tmp_path)
    assert (again.cloud, again.cluster_base("prod")) == (25000, 25000 + PORTS_PER_CLUSTER)


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


def test_a_folder_that_holds_something_else_is_never_taken_for_a_stacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`down` removes the folder: it must not be somebody's home."""
    monkeypatch.setenv("SECRETS_BOOTSTRAP_STATE_DIR", str(tmp_path))
    tmp_path.chmod(0o755)
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(BootstrapError, match="holds something else"):
        state_dir("local")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    (tmp_path / "thesis.tex").unlink()
    Ports.load(state_dir("local"))
    (tmp_path / "aws").mkdir()
    assert state_dir("local") == tmp_path


def test_a_removal_that_was_cut_short_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "state"
    monkeypatch.setenv("SECRETS_BOOTSTRAP_STATE_DIR", str(directory))
    Ports.load(state_dir("local"))
    for name in ("aws", "passphrase.d", "zzz"):
        (directory / name).mkdir()
    (directory / "passphrase").touch()
    real, calls = shutil.rmtree, iter(range(9))

    def killed(path: Path) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        real(path)

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        remove_state(directory)
    monkeypatch.setattr(shutil, "rmtree", real)
    remove_state(state_dir("local"))
    assert not directory.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"base": "x", "clusters": []}'])
def test_a_damaged_record_of_ports_is_said_plainly(tmp_path: Path, text: str) -> None:
    (tmp_path / "ports.json").write_text(text)
    with pytest.raises(BootstrapError, match=r"ports.json: it is damaged"):
        Ports.load(tmp_path)


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_private(tmp_path / "passphrase", "old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(file, "new")
    assert (list(tmp_path.iterdir()), file.read_text()) == ([file], "old")
