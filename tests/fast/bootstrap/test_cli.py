"""The command line says what is wrong, why, and how to mend it; a request that cannot work starts nothing."""

import io
import socket
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bootstrap import cli, lifecycle
from bootstrap.errors import BootstrapError
from bootstrap.verification.report import Gate, Report
from tests.local_stack import environment_of, free_port_base


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    output = io.StringIO()
    monkeypatch.setattr(cli, "console", Console(file=output, width=200))
    monkeypatch.setattr(sys, "argv", ["bootstrap", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0), output.getvalue()


@pytest.mark.parametrize("command", ["up", "verify", "recover"])
def test_a_real_cloud_is_not_managed_here(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run(monkeypatch, command, "--stack", "eks")
    assert code == 1
    assert "stack eks" in text
    assert "mend: for a real cloud run `pulumi up --stack eks`" in text


def test_an_unknown_stack_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run(monkeypatch, "up", "--stack", "local-nowhere")
    assert (code, "Pulumi.local-nowhere.yaml does not exist" in text) == (1, True)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(lifecycle, "install", lambda _console: tmp_path / "tools")
    return tmp_path


def test_a_port_in_use_is_said_before_anything_is_started(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = free_port_base()
    with environment_of(installed / "state", base), socket.create_server(("127.0.0.1", base)):
        code, text = run(monkeypatch, "up")
    assert code == 1
    assert f"port {base}" in text
    assert "SECRETS_BOOTSTRAP_PORT_BASE" in text
    assert not list((installed / "state").rglob("*.pid"))


def test_two_commands_do_not_work_on_one_stack(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with environment_of(installed / "state", free_port_base()):
        directory = lifecycle.open_stack("local", Console(quiet=True)).directory
        with lifecycle._only_run(directory):
            code, text = run(monkeypatch, "up")
    assert (code, "another command is working on it" in text) == (1, True)


def test_down_without_up_is_harmless(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with environment_of(installed / "state", free_port_base()):
        lifecycle.down("local", Console(quiet=True))
    assert not (installed / "state").exists()


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
def test_a_failed_gate_is_exit_code_1(passed: bool, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(environment="prod", claim="store Ready", passed=passed, evidence="Valid", seconds=0.1)
    monkeypatch.setattr(lifecycle, "verify", lambda _stack, _console: Report(stack="local", gates=[gate]))
    found, text = run(monkeypatch, "verify")
    assert found == code
    assert ("FAIL" in text) is not passed


def test_no_gates_is_not_a_pass() -> None:
    assert Report(stack="local", gates=[]).passed is False


def test_an_error_has_three_parts() -> None:
    error = BootstrapError("port 1", "it is taken", "free it")
    assert str(error) == "port 1: it is taken\n  mend: free it"
