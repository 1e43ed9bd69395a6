"""Daemons of the local cloud: detached, recorded on disk, adopted again by the next run, never started twice."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bootstrap.errors import BootstrapError
from bootstrap.paths import private_dir, write_private

_STOP_SECONDS = 8.0
_ADOPT_SECONDS = 5.0  # longer than any health check of a busy machine takes
_POLL_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Daemon:
    """One long-running program: `directory` holds its `<name>.pid` and `<name>.log`. No credential in `arguments`."""

    name: str
    directory: Path
    arguments: Sequence[str]
    environment: Mapping[str, str]
    healthy: Callable[[], bool]
    before_start: Callable[[], None] | None = None
    start_seconds: float = 30.0

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"

    @property
    def _record(self) -> Path:
        return self.directory / f"{self.name}.pid"

    def process(self) -> psutil.Process | None:
        """The running process that an earlier `ensure` started, if it is still that process."""
        return recorded_process(self._record)

    def ensure(self) -> bool:
        """Leave exactly one healthy process running. Returns whether it had to be started."""
        process = self.process()
        if process is not None:
            if self._becomes_healthy(process, seconds=_ADOPT_SECONDS):
                return False
            self.stop()
        if self.before_start is not None:
            self.before_start()
        private_dir(self.directory)
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            started = subprocess.Popen(
                list(self.arguments),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        process = psutil.Process(started.pid)
        write_private(self._record, json.dumps({"pid": started.pid, "created": process.create_time()}))
        if not self._becomes_healthy(process, seconds=self.start_seconds):
            tail = "".join(self.log.read_text(errors="replace").splitlines(keepends=True)[-5:]).strip()
            self.stop()
            raise BootstrapError(
                f"{self.name} did not become healthy",
                f"its last words were: {tail or '(none)'}",
                f"read {self.log}, then run the command again: it starts {self.name} afresh",
            )
        return True

    def _becomes_healthy(self, process: psutil.Process, *, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_alive(process):
                return False
            if self.healthy():
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def stop(self) -> None:
        """End the process and its children. The record goes last: a stop that is cut short is finished by the next."""
        process = self.process()
        if process is not None:
            end_tree(process)
        self._record.unlink(missing_ok=True)


def recorded_process(record: Path) -> psutil.Process | None:
    """The process a pid file names, unless the pid now belongs to another program."""
    try:
        data = json.loads(record.read_text())
        process = psutil.Process(data["pid"])
        if abs(process.create_time() - data["created"]) > 1 or not is_alive(process):
            return None
    except (FileNotFoundError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        return None  # a broken record names nobody
    return process


def is_alive(process: psutil.Process) -> bool:
    """Running, and not a zombie that nobody has waited for."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_tree(process: psutil.Process, *, grace_seconds: float = _STOP_SECONDS) -> None:
    """SIGTERM to a process and its children, SIGKILL to what is left after the grace."""
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    if grace_seconds:
        for member in family:
            _signal(member, signal.SIGTERM)
    left = _left_after(family, grace_seconds)
    for member in left:
        _signal(member, signal.SIGKILL)
    _left_after(left, _STOP_SECONDS)


def _left_after(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those still alive. Unlike psutil's own wait it does not wait for zombies, which only their parent can end."""
    deadline = time.monotonic() + seconds
    left = [process for process in processes if is_alive(process)]
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        left = [process for process in left if is_alive(process)]
    return left


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def clean_environment(**extra: str) -> dict[str, str]:
    """A daemon's environment: the minimum to run, and what is named. The caller's credentials are not inherited."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, **extra}
