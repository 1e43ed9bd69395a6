"""A half-dead local cloud: the next `up` says what it starts again, and everything works as before."""

import psutil
import pytest

from bootstrap import lifecycle
from bootstrap.processes import recorded_process
from tests.local_stack import Running, eventually, force_sync, ready_reason


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver", "node"])
def test_a_killed_program_is_started_again(running: Running, name: str) -> None:
    [record] = list((running.local.directory / "clusters" / "prod").rglob(f"{name}.pid"))
    process = recorded_process(record)
    assert process is not None
    process.kill()
    psutil.wait_procs([process], timeout=10)

    running.local.start_cloud(running.console)
    restarted = recorded_process(record)
    assert restarted is not None
    assert restarted.pid != process.pid
    assert running.prod.get("/version")

    force_sync(running.prod)

    @eventually(60)
    def it_syncs() -> None:
        assert ready_reason(running.prod) == "SecretSynced"

    it_syncs()


def test_the_whole_cloud_killed(running: Running) -> None:
    before = running.prod.secret_data("secrets-bootstrap", "canary")
    for record in running.local.directory.rglob("*.pid"):
        process = recorded_process(record)
        if process is not None:
            process.kill()
    report = lifecycle.up("local", running.console)
    assert [gate for gate in report.gates if not gate.passed] == []
    assert running.prod.secret_data("secrets-bootstrap", "canary") == before
