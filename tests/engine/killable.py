"""A stack whose `up` is killed while it creates something."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from bootstrap.lifecycle import LocalStack, open_stack, processes_of
from bootstrap.processes import end_tree
from tests.local_stack import BOOTSTRAP


class Killable:
    """A stack of a test's own, driven from outside by its command line."""

    def __init__(self, stack: str, directory: Path, variables: dict[str, str]) -> None:
        self.stack, self.directory, self.variables = stack, directory, variables
        self.run: subprocess.Popen[bytes] | None = None

    def bootstrap(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*BOOTSTRAP, *arguments, "--stack", self.stack],
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    @property
    def local(self) -> LocalStack:
        return open_stack(self.stack, Console(quiet=True))

    def pending(self, kind: str = "") -> list[dict[str, Any]]:
        """The resources that are being created, or were when the engine was killed."""
        file = self.directory / "backend" / ".pulumi" / "stacks" / "secrets-bootstrap" / f"{self.stack}.json"
        try:
            latest = json.loads(file.read_text())["checkpoint"]["latest"]
        except (FileNotFoundError, json.JSONDecodeError):
            return []
        creating = [one["resource"] for one in latest.get("pending_operations", []) if one["type"] == "creating"]
        return [one for one in creating if kind in ("", one["type"])]

    def kill_while_creating(self, kind: str, exists: Callable[[], bool]) -> None:
        """Run `up`; stop the engine when it is creating a `kind`, let the provider finish, then kill -9 the engine."""
        log_file = self.directory.with_name("up.log")
        with log_file.open("w") as log:
            self.run = run = subprocess.Popen(
                [*BOOTSTRAP, "up", "--stack", self.stack], env=self.variables, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            assert run.poll() is None, log_file.read_text()[-2000:]
            engines = [one for one in processes_of(self.directory) if _is_engine(one)]
            if engines and self.is_creating(kind):
                engines[0].suspend()
                if self.is_creating(kind) and _comes_true(exists, seconds=8):
                    engines[0].send_signal(signal.SIGKILL)
                    assert run.wait(60) != 0
                    return
                engines[0].resume()  # it had not asked the provider yet, or had recorded the answer already
            time.sleep(0.02)
        raise AssertionError(f"no {kind} was seen being created")

    def clear(self) -> None:
        """After a failed test: leave nothing running."""
        if self.run is not None and self.run.poll() is None:
            end_tree(psutil.Process(self.run.pid), grace_seconds=0)
        if self.directory.exists():
            assert self.bootstrap("down").returncode == 0

    def is_creating(self, kind: str) -> bool:
        return bool(self.pending(kind))


def _is_engine(process: psutil.Process) -> bool:
    try:
        return process.name() == "pulumi"
    except psutil.NoSuchProcess:  # it has ended since it was listed
        return False


def _comes_true(holds: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False
