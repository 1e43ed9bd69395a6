"""A rotation over two environments by the command line: the same on every manager."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.rotation.application import SECRET, Application, application
from tests.local_stack import BOOTSTRAP, Running, eventually

Applications = dict[str, Application]


@pytest.fixture(scope="module")
def applications(stack: Running) -> Iterator[Applications]:
    """One in each environment, with the first value."""
    with ExitStack() as opened:
        yield {name: opened.enter_context(application(stack, name)) for name in ("nonprod", "prod")}


def rotate(stack: Running, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [*BOOTSTRAP, "rotate", arguments[0], SECRET, "--stack", stack.local.name, *arguments[1:]]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, env=os.environ)


def start(stack: Running, *options: str, given: str = "") -> subprocess.CompletedProcess[str]:
    stages = "--stages=nonprod,prod"
    return rotate(stack, "start", stages, "--timeout=60", "--json", *options, given=given)


def record(stack: Running) -> str:
    return Path(stack.local.directory / "rotations" / f"{SECRET}.json").read_text()


def steps(stack: Running) -> list[str]:
    return [stage["step"] for stage in json.loads(record(stack))["stages"]]


def has_arrived(one: Application, value: str) -> None:
    assert one.manager_value() == one.value_in_cluster() == value
    assert one.values_of_processes() == [value]


class RotationCases:
    """In this order: each begins with a run that is finished."""

    def test_every_stage_gets_a_value_of_its_own_and_runs_with_it(
        self, stack: Running, applications: Applications
    ) -> None:
        before = {name: (one.manager_value(), one.replica_sets()) for name, one in applications.items()}
        done = start(stack, "--generate=32", "--soak=1")
        assert done.returncode == 0, done.stderr
        stages: list[dict[str, Any]] = json.loads(done.stdout)["stages"]
        assert [(one["environment"], one["step"]) for one in stages] == [("nonprod", "proved"), ("prod", "proved")]
        assert all(0 < one["secondsToSync"] <= one["secondsToReload"] for one in stages)
        values = {name: one.manager_value() for name, one in applications.items()}
        assert len({*values.values(), *(old for old, _ in before.values())}) == 4
        for name, one in applications.items():
            has_arrived(one, values[name])
            assert one.replica_sets() == before[name][1] + 1
            # Whoever writes sees versions; nothing that is printed or kept holds a value.
            for text in (done.stdout, done.stderr, record(stack)):
                assert values[name] not in text
                assert before[name][0] not in text

    def test_a_finished_run_is_rolled_back_in_every_stage(self, stack: Running, applications: Applications) -> None:
        done = rotate(stack, "roll-back", "--json")
        assert done.returncode == 0, done.stderr
        for name, one in applications.items():
            has_arrived(one, f"first value of {name}")
        lines = [line for line in done.stderr.splitlines() if "put back" in line]
        assert ["prod:" in lines[0], "nonprod:" in lines[1], len(lines)] == [True, True, 2]

    def test_a_stage_that_fails_stops_the_run_before_the_next(self, stack: Running, applications: Applications) -> None:
        prod = applications["prod"].container.current()
        given = json.dumps({"nonprod": "second value of nonprod", "prod": "second value of prod"})
        done = start(stack, "--check=test prod =", given=given)
        assert done.returncode == 1
        assert "error: environment nonprod\n  why: the check test ended with 1" in done.stderr
        assert steps(stack) == ["written", "pending"]
        assert applications["prod"].container.current() == prod
        has_arrived(applications["nonprod"], "second value of nonprod")
        assert "its last rotation is not finished" in start(stack, "--generate=32").stderr
        assert rotate(stack, "roll-back").returncode == 0
        has_arrived(applications["nonprod"], "first value of nonprod")
        has_arrived(applications["prod"], "first value of prod")

    def test_a_killed_run_is_resumed(self, stack: Running, applications: Applications, tmp_path: Path) -> None:
        gate = tmp_path / "open"
        check = f"--check=sh -c 'test -e {gate} || sleep 600'"
        command = [*BOOTSTRAP, "rotate", "start", SECRET, "--stack", stack.local.name, "--stages=nonprod,prod", check]
        process = subprocess.Popen([*command, "--generate=20"], env=os.environ, start_new_session=True)
        try:

            @eventually(90)
            def it_waits_for_the_check() -> None:
                assert steps(stack) == ["written", "pending"]
                assert json.loads(record(stack))["stages"][0]["reloaded_after"] is not None

            it_waits_for_the_check()
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        gate.touch()
        done = rotate(stack, "resume", "--json")
        assert done.returncode == 0, done.stderr
        assert steps(stack) == ["proved", "proved"]
        for one in applications.values():
            assert len(one.manager_value()) == 20
            has_arrived(one, one.manager_value())

    def test_values_that_would_be_shared_are_refused_and_not_repeated(self, stack: Running) -> None:
        done = start(stack, given=json.dumps({"nonprod": "the-same-value", "prod": "the-same-value"}))
        assert done.returncode == 1
        assert "environments share nothing" in " ".join(done.stderr.split())
        assert "the-same-value" not in done.stderr + done.stdout

    def test_what_somebody_else_wrote_is_not_overwritten(self, stack: Running, applications: Applications) -> None:
        nonprod = applications["nonprod"].container
        assert start(stack, "--generate=32", "--check=false").returncode == 1
        current = nonprod.current() or ""
        nonprod.write("a stranger's value", version=nonprod.next_version(current), replacing=current)
        for command in ("resume", "roll-back"):
            done = rotate(stack, command)
            assert done.returncode == 1
            assert "somebody else has written it" in " ".join(done.stderr.split())
        assert applications["nonprod"].manager_value() == "a stranger's value"
        assert rotate(stack, "abandon").returncode == 0
