"""One container as a local process: started, watched, probed, started again with growing delays, adopted, ended."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bootstrap.localcloud.kubernetes.node.api import timestamp
from bootstrap.localcloud.kubernetes.node.probes import Probe, asker
from bootstrap.paths import write_private
from bootstrap.processes import is_alive, recorded_process

_FIRST_DELAY, _LONGEST_DELAY = 0.2, 20.0
_FORGET_FAILURES_AFTER = 60.0
_STOP_POLL_SECONDS = 0.02
_UNKNOWN_EXIT_CODE = 137  # of a process that somebody else started; kubelet says the same


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run: no credential is in the arguments or the environment, only paths of files that hold them."""

    arguments: list[str]
    environment: dict[str, str]


class Container:
    """A process of a pod. `folder` holds `<name>.pid`, in the form that every daemon's record has, and `<name>.log`."""

    def __init__(
        self, spec: Mapping[str, Any], folder: Path, command: Command, local_port: Callable[[int], int], policy: str
    ) -> None:
        self.name: str = spec["name"]
        self.log = folder / f"{self.name}.log"
        self.restarts = 0
        self.process: psutil.Process | None = None
        self.message = ""
        self._spec, self._command, self._local_port, self._policy = spec, command, local_port, policy
        self._record = folder / f"{self.name}.pid"
        self._child: subprocess.Popen[bytes] | None = None
        self._probes: dict[str, Probe] = {}
        self._last_end: dict[str, Any] | None = None
        self._failures = 0
        self._next_start = 0.0
        self.questions = {
            kind: asker(spec[f"{kind}Probe"], spec, local_port)
            for kind in ("startup", "readiness", "liveness")
            if f"{kind}Probe" in spec
        }

    @property
    def running(self) -> bool:
        return self.process is not None

    @property
    def begun(self) -> bool:
        """Whether it was started at least once."""
        return self.running or self._last_end is not None

    @property
    def ready(self) -> bool:
        gates = [self._probes[kind] for kind in ("startup", "readiness") if kind in self._probes]
        return self.running and all(probe.verdict for probe in gates)

    @property
    def ended_for_good(self) -> int | None:
        """The exit code of a container that its restart policy leaves ended."""
        if self.process is not None or self._last_end is None:
            return None
        code = int(self._last_end["exitCode"])
        return code if self._policy == "Never" or (self._policy == "OnFailure" and code == 0) else None

    def adopt(self, restarts: int) -> None:
        """Take over the process that an earlier node agent started, if it still runs."""
        self.restarts = restarts
        process = recorded_process(self._record)
        if process is not None:
            self._watch(process)

    def step(self, now: float) -> None:
        """Do what is due: start, notice an end, probe, end what is not live."""
        if self.process is None:
            if self.ended_for_good is None and now >= self._next_start:
                self._start()
            return
        if not is_alive(self.process):
            self._ended(now)
            return
        startup = self._probes.get("startup")
        if startup is not None and not startup.verdict:
            startup.step(now)
        else:
            for kind in ("readiness", "liveness"):
                if kind in self._probes:
                    self._probes[kind].step(now)
        for kind in ("startup", "liveness"):
            if kind in self._probes and self._probes[kind].verdict is False:
                self.stop(grace=1.0)
                self._ended(now)
                self.message = f"its {kind} probe failed"
                return

    def _start(self) -> None:
        if self._last_end is not None:
            self.restarts += 1
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            self._child = subprocess.Popen(
                self._command.arguments,
                env=self._command.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self._command.environment["HOME"],
            )
        process = psutil.Process(self._child.pid)
        write_private(self._record, json.dumps({"pid": process.pid, "created": process.create_time()}))
        self._watch(process)

    def _watch(self, process: psutil.Process) -> None:
        self.process, self.message = process, ""
        now = time.monotonic()
        self._probes = {
            kind: Probe(self._spec[f"{kind}Probe"], question, now) for kind, question in self.questions.items()
        }

    def _ended(self, now: float) -> None:
        process = self.process
        if process is None:
            return
        code = self._child.poll() if self._child is not None and self._child.pid == process.pid else None
        code = _UNKNOWN_EXIT_CODE if code is None else code
        code = 128 - code if code < 0 else code  # ended by a signal, as a shell says it
        started = process.create_time()
        self._last_end = {
            "exitCode": code,
            "reason": "Completed" if code == 0 else "Error",
            "startedAt": timestamp(started),
            "finishedAt": timestamp(),
        }
        lasted = time.time() - started
        self._failures = 0 if lasted > _FORGET_FAILURES_AFTER else self._failures + 1
        self._next_start = (
            now + min(_FIRST_DELAY * 2 ** (self._failures - 1), _LONGEST_DELAY) if self._failures else now
        )
        self.message = f"exit code {code}"
        self.process, self._probes = None, {}
        self._record.unlink(missing_ok=True)

    def stop(self, grace: float) -> None:
        """SIGTERM, then SIGKILL. The whole session goes: a program may have children."""
        process = self.process
        if process is None:
            return
        family = [process]
        with contextlib.suppress(psutil.NoSuchProcess):
            family += process.children(recursive=True)
        for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
            family = [member for member in family if is_alive(member)]
            for member in family:
                _signal(member, number)
            deadline = time.monotonic() + seconds
            while any(map(is_alive, family)) and time.monotonic() < deadline:
                time.sleep(_STOP_POLL_SECONDS)

    def forget(self) -> None:
        """After a last stop: nothing of the process is left, so neither is its record."""
        if self._child is not None:
            self._child.poll()
        self.process = None
        self._record.unlink(missing_ok=True)

    def status(self) -> dict[str, Any]:
        """Its entry in the pod's `containerStatuses`."""
        status: dict[str, Any] = {
            "name": self.name,
            "image": self._spec["image"],
            "imageID": "",
            "ready": self.ready,
            "started": self.running,
            "restartCount": self.restarts,
            "state": self._state(),
        }
        if self._last_end is not None:
            status["lastState"] = {"terminated": self._last_end}
        return status

    def _state(self) -> dict[str, Any]:
        if self.process is not None:
            return {"running": {"startedAt": timestamp(self.process.create_time())}}
        if self._last_end is None:
            return {"waiting": {"reason": "ContainerCreating"}}
        if self.ended_for_good is not None:
            return {"terminated": self._last_end}
        return {"waiting": {"reason": "CrashLoopBackOff", "message": self.message}}


def _signal(process: psutil.Process, number: int) -> None:
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return
