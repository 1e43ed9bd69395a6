"""A half-dead local Vault: the next `up` starts and unseals it, and everything works as before."""

import psutil
import pytest

from bootstrap import lifecycle
from bootstrap.errors import BootstrapError
from bootstrap.localcloud.vault import server
from bootstrap.localcloud.vault.client import LocalVault
from bootstrap.processes import recorded_process
from tests.local_stack import Running, eventually, force_sync, ready_reason


def test_a_killed_vault_is_started_and_unsealed(running_vault: Running) -> None:
    vault, view = running_vault.local.cloud, running_vault.prod
    assert isinstance(vault, LocalVault)
    before = view.secret_data("secrets-bootstrap", "canary")
    process = recorded_process(vault.directory / "local-vault.pid")
    assert process is not None
    process.kill()
    psutil.wait_procs([process], timeout=10)
    assert not vault.health()
    with pytest.raises(BootstrapError, match="not running or not healthy: the local Vault"):
        lifecycle.verify("local-vault", running_vault.console)

    force_sync(view)

    @eventually(90)
    def the_failure_is_said() -> None:
        assert ready_reason(view) == "SecretSyncedError"

    the_failure_is_said()
    assert view.secret_data("secrets-bootstrap", "canary") == before

    # Somebody started it by hand: it is there, and sealed.
    vault._daemon.ensure()
    assert server.state(vault.anonymous()) == "sealed"
    assert not vault.health()

    report = lifecycle.up("local-vault", running_vault.console)
    assert [gate for gate in report.gates if not gate.passed] == []
    force_sync(view)

    @eventually(60)
    def it_is_synced_again() -> None:
        assert ready_reason(view) == "SecretSynced"

    it_is_synced_again()
    assert view.secret_data("secrets-bootstrap", "canary") == before
