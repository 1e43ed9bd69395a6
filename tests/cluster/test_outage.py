"""The manager goes away and comes back: Secrets stay, the failure is said, recovery is seen."""

from collections.abc import Iterator

import pytest

from tests.local_stack import Running, eventually, force_sync, ready_reason


@pytest.fixture
def outage(running: Running) -> Iterator[None]:
    running.local.cloud.set_outage(["secretsmanager"])
    yield
    running.local.cloud.set_outage([])


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_outage_and_recovery(running: Running, environment: str, outage: None) -> None:
    view = running.views[environment]
    before = view.secret_data("secrets-bootstrap", "canary")
    force_sync(view)

    @eventually(90)
    def the_failure_is_said() -> None:
        assert ready_reason(view) == "SecretSyncedError"

    the_failure_is_said()
    assert view.secret_data("secrets-bootstrap", "canary") == before

    running.local.cloud.set_outage([])
    force_sync(view)

    @eventually(60)
    def it_is_synced_again() -> None:
        assert ready_reason(view) == "SecretSynced"

    it_is_synced_again()
    assert view.secret_data("secrets-bootstrap", "canary") == before
