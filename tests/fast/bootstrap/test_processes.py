"""Daemons are started once, adopted, replaced when they hang, and ended with their children."""

import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from bootstrap import processes
from bootstrap.errors import BootstrapError
from bootstrap.processes import Daemon, clean_environment, is_alive, recorded_process

SLEEP = "import pathlib, time; pathlib.Path('{}').touch(); time.sleep(60)"


def daemon(directory: Path, script: str = "", **changes: object) -> Daemon:
    marker = directory / "up"
    fields: dict[str, object] = {
        "name": "worker",
        "directory": directory,
        "arguments": [sys.executable, "-c", script or SLEEP.format(marker)],
        "environment": clean_environment(),
        "healthy": marker.exists,
        "start_seconds": 5.0,
        **changes,
    }
    return Daemon(**fields)  # type: ignore[arg-type]


def test_started_once_then_adopted_then_stopped(tmp_path: Path) -> None:
    first = daemon(tmp_path)
    assert first.ensure() is True
    process = first.process()
    assert process is not None
    assert daemon(tmp_path).ensure() is False
    assert daemon(tmp_path).process() == process
    first.stop()
    assert not is_alive(process)
    assert first.process() is None


def test_a_daemon_that_dies_says_its_last_words(tmp_path: Path) -> None:
    broken = daemon(tmp_path, "raise SystemExit('cannot open the socket')", healthy=lambda: False)
    with pytest.raises(BootstrapError, match="cannot open the socket"):
        broken.ensure()
    assert not (tmp_path / "worker.pid").exists()


def test_a_half_dead_daemon_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_ADOPT_SECONDS", 0.3)
    first = daemon(tmp_path)
    first.ensure()
    process = first.process()
    assert process is not None
    second = daemon(tmp_path, healthy=lambda: process.pid != _recorded_pid(tmp_path))
    assert second.ensure() is True
    assert not is_alive(process)
    second.stop()


def _recorded_pid(directory: Path) -> int:
    record = directory / "worker.pid"
    return json.loads(record.read_text())["pid"] if record.exists() else 0


def test_a_recycled_pid_is_not_ours(tmp_path: Path) -> None:
    record = tmp_path / "worker.pid"
    record.write_text(json.dumps({"pid": os.getpid(), "created": psutil.Process().create_time() - 100}))
    assert recorded_process(record) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"pid": -1, "created": 0}', '{"pid": "x", "created": 0}'])
def test_a_damaged_record_names_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "worker.pid").write_text(text)
    assert recorded_process(tmp_path / "worker.pid") is None


def test_children_end_with_their_parent(tmp_path: Path) -> None:
    script = (
        f"import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"open('{tmp_path}/child', 'w').write(str(c.pid)); open('{tmp_path}/up', 'w'); c.wait()"
    )
    parent = daemon(tmp_path, script)
    parent.ensure()
    child = psutil.Process(int((tmp_path / "child").read_text()))
    parent.stop()
    assert not is_alive(child)


def test_credentials_of_the_caller_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert "AWS_SECRET_ACCESS_KEY" not in clean_environment()
