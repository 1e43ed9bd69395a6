"""What `rotate-etcd` must be told, and how it says so."""

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.rotation.etcd import targets
from bootstrap.rotation.etcd.command import Request, run
from components.kubernetes.encryption.configuration import KmsProvider, encryption_configuration
from tests.fast.rotation.etcd.fake_cluster import FakeCluster

QUIET = Console(quiet=True)


def request(step: str, **changes: Any) -> Request:
    values: dict[str, Any] = dict.fromkeys(("cluster", "kubeconfig", "configuration", "provider", "endpoint", "plugin"))
    return Request(**{**values, "step": step, "stack": "local", **changes})


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    made = FakeCluster()
    made.make("one")
    monkeypatch.setattr(targets, "connect", lambda _kubeconfig: made.client())
    return made


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    file = tmp_path / "kubeconfig"
    file.write_text("{}")
    return file


@pytest.mark.parametrize(
    ("step", "given", "missing"),
    [
        ("add", {}, "--provider"),
        ("add", {"provider": "kms-2"}, "--endpoint"),
        ("promote", {}, "--provider"),
        ("remove", {}, "--provider"),
    ],
)
def test_a_step_says_what_it_needs(
    cluster: FakeCluster, kubeconfig: Path, step: str, given: dict[str, str], missing: str
) -> None:
    with pytest.raises(BootstrapError, match=f"{missing}: the step {step} needs it"):
        run(request(step, kubeconfig=kubeconfig, **given), QUIET)


def test_files_that_are_not_there_are_named(kubeconfig: Path, tmp_path: Path) -> None:
    with pytest.raises(BootstrapError, match=r"absent.yaml: there is no such file"):
        run(request("check", kubeconfig=kubeconfig, configuration=tmp_path / "absent.yaml"), QUIET)
    with pytest.raises(BootstrapError, match="a local cluster has its own"):
        run(request("check", configuration=tmp_path / "absent.yaml"), QUIET)


def test_a_cluster_of_the_stack_is_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stack:
        def control_planes(self) -> list[Any]:
            return []

    monkeypatch.setattr("bootstrap.lifecycle.open_stack", lambda _stack, _console: Stack())
    with pytest.raises(BootstrapError, match="it names no cluster of stack local"):
        run(request("check", cluster="prod"), QUIET)


def test_a_copy_of_the_configuration_is_changed_in_place(
    cluster: FakeCluster, kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "encryption.yaml"
    copy.write_text(encryption_configuration(KmsProvider(name="kms-1")))
    loaded = targets.CopiedFile.configure

    def distribute(self: targets.CopiedFile, text: str) -> str:
        """Somebody brings the file to every node."""
        wanted = loaded(self, text)
        for server in cluster.servers:
            server.configuration = wanted
        return wanted

    monkeypatch.setattr(targets.CopiedFile, "configure", distribute)
    run(request("rewrite", kubeconfig=kubeconfig), QUIET)
    options = {"provider": "kms-2", "endpoint": "unix:///second.sock"}
    run(request("add", kubeconfig=kubeconfig, configuration=copy, **options), QUIET)
    second = KmsProvider(name="kms-2", socket="/second.sock")
    assert copy.read_text() == encryption_configuration(KmsProvider(name="kms-1"), second)


def test_local_plugins_end_when_no_provider_needs_them() -> None:
    class Plane:
        name = "prod"
        encryption_configuration = encryption_configuration(KmsProvider(name="kms-2", socket="/run/second.sock"))
        kms_plugin = "args: [-socket=unix:///run/socket.sock]\n---\nargs: [-socket=unix:///run/second.sock]\n"

        def reconfigure(self, text: str, plugin: str) -> str:
            self.kms_plugin = plugin
            return text

    plane: Any = Plane()
    targets.LocalFiles(plane).end_unused_plugins()
    assert plane.kms_plugin == "args: [-socket=unix:///run/second.sock]\n"
