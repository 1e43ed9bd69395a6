"""Containers as processes: started, restarted with growing delays, ended with their children, adopted, recorded."""

import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bootstrap.localcloud.kubernetes.node.agent import static_pods
from bootstrap.localcloud.kubernetes.node.container import Command, Container
from bootstrap.localcloud.kubernetes.node.ports import PodPorts, PortsExhaustedError
from bootstrap.localcloud.kubernetes.node.records import PodRecord, PodRecords, end_processes
from components.kubernetes.encryption.aws import aws_kms_plugin

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for record in tmp_path.glob("*.pid"):
        end_processes(PodRecord(uid="", pid=None, restarts={}, ports={}, folder=str(record.parent)))


def container(folder: Path, program: str, policy: str = "Always", **spec: Any) -> Container:
    command = Command(arguments=[sys.executable, "-c", program], environment={"HOME": str(folder)})
    return Container({"name": "main", "image": "x:1", **spec}, folder, command, lambda port: port, policy)


def step_until(one: Container, holds: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        one.step(time.monotonic())
        time.sleep(0.01)


def test_a_program_that_ends_is_started_again_after_growing_delays(folder: Path) -> None:
    one = container(folder, "print('a line'); raise SystemExit(3)")
    starts: list[float] = []
    while len(starts) < 4:
        step_until(one, lambda: one.running)
        starts.append(time.monotonic())
        step_until(one, lambda: not one.running)
    delays = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert delays == sorted(delays)
    assert delays[0] >= 0.2
    assert delays[2] >= 0.8
    status = one.status()
    assert status["restartCount"] == 3
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert one.log.read_text() == "a line\n" * 4
    assert one.log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("policy", "code", "stays"), [("Never", 3, 3), ("OnFailure", 0, 0), ("OnFailure", 3, None)])
def test_the_restart_policy_counts(folder: Path, policy: str, code: int, stays: int | None) -> None:
    one = container(folder, f"raise SystemExit({code})", policy)
    step_until(one, lambda: one.running)
    step_until(one, lambda: not one.running)
    assert one.ended_for_good == stays
    if stays is not None:
        assert one.status()["state"]["terminated"]["exitCode"] == stays


def test_a_stop_takes_the_children_along(folder: Path) -> None:
    program = (
        f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEP!r}]).pid, flush=True); {SLEEP}"
    )
    one = container(folder, program)
    step_until(one, lambda: one.log.exists() and one.log.read_text().endswith("\n"))
    child = psutil.Process(int(one.log.read_text()))
    one.stop(grace=2)
    one.forget()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert list(folder.glob("*.pid")) == []


def test_a_program_that_ignores_the_request_to_end_is_killed(folder: Path) -> None:
    program = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"
    one = container(folder, program)
    step_until(one, lambda: one.log.exists() and "deaf" in one.log.read_text())
    one.stop(grace=0.2)
    step_until(one, lambda: not one.running)
    assert one.status()["lastState"]["terminated"]["exitCode"] == 137


def test_the_next_node_agent_adopts_a_running_program(folder: Path) -> None:
    first = container(folder, SLEEP)
    step_until(first, lambda: first.running)
    second = container(folder, SLEEP)
    second.adopt(restarts=2)
    assert second.process == first.process
    assert second.restarts == 2
    second.stop(grace=2)
    step_until(second, lambda: not second.running)
    assert second.status()["lastState"]["terminated"]["exitCode"] == 137


def test_a_failed_liveness_probe_ends_the_program(folder: Path) -> None:
    probe = {"tcpSocket": {"port": 1}, "periodSeconds": 0.05, "failureThreshold": 2}
    one = container(folder, SLEEP, livenessProbe=probe)
    step_until(one, lambda: one.running)
    process = one.process
    step_until(one, lambda: not one.running)
    assert process is not None
    assert one.message == "its liveness probe failed"


def test_an_unready_program_runs_on(folder: Path) -> None:
    one = container(folder, SLEEP, readinessProbe={"tcpSocket": {"port": 1}, "periodSeconds": 0.05})
    step_until(one, lambda: one.running)
    step_until(one, lambda: True)
    assert (one.running, one.ready) == (True, False)


def test_the_file_of_records_names_running_processes_only(folder: Path) -> None:
    one = container(folder, SLEEP)
    step_until(one, lambda: one.running)
    assert one.process is not None
    records = PodRecords(folder / "pods.json")
    alive = PodRecord(uid="u", pid=one.process.pid, restarts={"main": 1}, ports={8080: 15207}, folder=str(folder))
    records.put("apps/alive", alive)
    records.put("apps/waiting", PodRecord(uid="w", pid=None, restarts={}, ports={}, folder=str(folder)))
    assert set(json.loads((folder / "pods.json").read_text())) == {"apps/alive"}
    assert PodRecords(folder / "pods.json").get("apps/alive") == alive
    # A later node agent finds the process dead: it keeps what it knows of the pod, readers of the file see nothing.
    one.stop(grace=2)
    later = PodRecords(folder / "pods.json").get("apps/alive")
    assert later is not None
    assert (later.pid, later.restarts) == (None, {"main": 1})
    assert json.loads((folder / "pods.json").read_text()) == {}


def test_what_a_dead_agent_left_can_be_ended(folder: Path) -> None:
    one = container(folder, SLEEP)
    step_until(one, lambda: one.running)
    process = one.process
    assert process is not None
    end_processes(PodRecord(uid="u", pid=process.pid, restarts={}, ports={}, folder=str(folder)))
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_ports_are_kept_and_given_back() -> None:
    start = 15280 + os.getpid() % 5 * 3
    ports = PodPorts(range(start, start + 2))
    first = ports.local("a", 8080)
    assert ports.local("a", 8080) == first
    assert ports.local("b", 8080) != first
    with pytest.raises(PortsExhaustedError):
        ports.local("a", 8082)
    ports.release("b")
    assert ports.local("a", 8082) != first


def test_static_pods_are_known_by_their_text() -> None:
    def manifest(key: str) -> str:
        return aws_kms_plugin(image="x/aws-encryption-provider:v1", key_id=key, region="r", encryption_context={})

    [one] = static_pods(manifest("a"))
    [same] = static_pods(manifest("a"))
    [other] = static_pods(manifest("b"))
    assert one["metadata"]["uid"] == same["metadata"]["uid"] != other["metadata"]["uid"]
    assert [pod["metadata"]["name"] for pod in static_pods(f"{manifest('a')}---\n{manifest('b')}")] == [
        "aws-encryption-provider",
        "aws-encryption-provider",
    ]
    assert static_pods("") == []
