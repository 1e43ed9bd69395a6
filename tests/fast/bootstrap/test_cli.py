"""The command line says what is wrong, why, and how to mend it; a request that cannot work starts nothing."""

import errno
import io
import re
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from rich.console import Console

from bootstrap import cli, lifecycle
from bootstrap.errors import BootstrapError
from bootstrap.localcloud.aws.credentials import DEPLOYER_FILE
from bootstrap.paths import PORTS_PER_CLUSTER, REPOSITORY, write_private
from bootstrap.verification.report import Gate, Report
from tests.local_stack import environment_of, free_port_base


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    output = io.StringIO()
    monkeypatch.setattr(cli, "console", Console(file=output, width=200))
    monkeypatch.setattr(sys, "argv", ["bootstrap", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0), output.getvalue()


def test_every_command_that_the_documentation_names_is_there() -> None:
    pages = [REPOSITORY / "README.md", REPOSITORY / "Makefile", *(REPOSITORY / "docs" / "pages").rglob("*.md")]
    named = {name for page in pages for name in re.findall(r"-m bootstrap ([a-z-]+)", page.read_text())}
    assert "prove" in named
    assert named <= set(typer.main.get_group(cli.app).commands)


@pytest.mark.parametrize("command", ["up", "verify", "recover", "down", "prove", "policies"])
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
    monkeypatch.setattr(lifecycle, "install", lambda _console, _modules: tmp_path / "tools")
    return tmp_path


def test_a_port_in_use_is_said_before_anything_is_started(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = free_port_base()
    with environment_of(installed / "state", base), socket.create_server(("127.0.0.1", base)):
        code, text = run(monkeypatch, "up")
    assert code == 1
    assert f"port {base}" in text
    assert "SECRETS_BOOTSTRAP_PORT_BASE" in text
    assert not list((installed / "state").rglob("*.pid"))


def test_each_local_stack_has_its_own_cloud_programs_and_ports(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All can be up at once, and `local` never waits for a build of Vault."""
    asked: list[set[str]] = []
    monkeypatch.delenv("SECRETS_BOOTSTRAP_PORT_BASE", raising=False)
    monkeypatch.setattr(
        lifecycle, "install", lambda _console, modules: asked.append({one.name for one in modules}) or installed
    )
    opened = []
    for name in ("local", "local-vault", "local-teams"):
        monkeypatch.setenv("SECRETS_BOOTSTRAP_STATE_DIR", str(installed / name))
        opened.append(lifecycle.open_stack(name, Console(quiet=True)))
    aws, vault, teams = opened
    assert (aws.cloud.kind, vault.cloud.kind, teams.cloud.kind) == ("aws", "vault", "aws")
    assert asked[1] - asked[0] == {"vault"}
    assert asked[2] == asked[0]
    assert "vault" not in asked[0]
    for one, next_one in pairwise(opened):
        assert next_one.ports.base - one.ports.base >= 5 * PORTS_PER_CLUSTER


def test_two_commands_do_not_work_on_one_stack(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with environment_of(installed / "state", free_port_base()):
        directory = lifecycle.open_stack("local", Console(quiet=True)).directory
        with lifecycle.only_run(directory):
            code, text = run(monkeypatch, "up")
    assert (code, "another command is working on it" in text) == (1, True)


def test_down_without_up_is_harmless(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with environment_of(installed / "state", free_port_base()):
        lifecycle.down("local", Console(quiet=True))
    assert not (installed / "state").exists()


def test_down_ends_what_no_record_names(installed: Path) -> None:
    """A run that is killed between the start of a program and its record leaves it behind, on a port of the stack."""
    directory = installed / "state"
    with environment_of(directory, free_port_base()):
        lifecycle.open_stack("local", Console(quiet=True))
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        ours, other = (
            subprocess.Popen([*command, f"bootstrap.localcloud.{name}", "--dir", str(folder)])
            for name, folder in (("aws", directory / "aws"), ("aws", installed / "state-2"))
        )
        (directory / "clusters" / "prod").mkdir(parents=True)
        (directory / "clusters" / "prod" / "cluster.json").write_text("{")  # damaged, and still removed
        try:
            lifecycle.down("local", Console(quiet=True))
            assert ours.wait(5) != 0
            assert other.poll() is None
        finally:
            for process in (ours, other):
                process.kill()
                process.wait()
    assert not directory.exists()


@pytest.mark.parametrize("stack", ["local", "local-vault", "local-teams"])
@pytest.mark.parametrize("command", ["verify", "recover"])
def test_before_up_there_is_nothing_to_work_on(
    command: str, stack: str, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment_of(installed / "state", free_port_base()):
        code, text = run(monkeypatch, command, "--stack", stack)
    assert not list((installed / "state").rglob("*.pid"))
    assert code == 1
    assert "it was never started" in text
    assert "mend: run `make up" in text


def test_verify_of_a_cloud_that_is_down_says_so(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with environment_of(installed / "state", free_port_base()):
        local = lifecycle.open_stack("local", Console(quiet=True))
        (local.cloud.directory).mkdir()
        write_private(local.cloud.directory / DEPLOYER_FILE, '{"AccessKeyId": "a", "SecretAccessKey": "b"}')
        code, text = run(monkeypatch, "verify")
    assert code == 1
    assert "not running or not healthy: the local AWS" in text


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
def test_a_failed_gate_is_exit_code_1(passed: bool, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(environment="prod", claim="store Ready", passed=passed, evidence="[/x] as it stands", seconds=0.1)
    monkeypatch.setattr(lifecycle, "verify", lambda _stack, _console: Report(stack="local", gates=[gate]))
    found, text = run(monkeypatch, "verify")
    assert found == code
    assert ("FAIL" in text) is not passed
    assert "[/x] as it stands" in text


def test_a_full_disk_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_stack: str, _console: Console) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/state/[/a]")

    monkeypatch.setattr(lifecycle, "recover", fail)
    code, text = run(monkeypatch, "recover")
    assert code == 1
    assert "error: /state/[/a]" in text
    assert "No space left on device" in text


def test_no_gates_is_not_a_pass() -> None:
    assert Report(stack="local", gates=[]).passed is False


def test_an_error_has_three_parts() -> None:
    error = BootstrapError("port 1", "it is taken", "free it")
    assert str(error) == "port 1: it is taken\n  mend: free it"
