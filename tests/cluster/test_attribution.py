"""One read, followed from an ExternalSecret to the line of the manager's log that says who read."""

import pytest

from bootstrap.canaries.planting import planted
from tests.local_stack import Running


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_the_trail_names_environment_namespace_and_account(running: Running, environment: str) -> None:
    """prod comes in by IRSA: token, session, read. nonprod by Pod Identity: the session's tags."""
    view = getattr(running, environment)
    with planted(view) as fresh:
        readers = view.readers_of(fresh.address)
    assert set(readers) == {view.reader}
    assert view.account in view.reader
    others = {"prod": running.nonprod, "nonprod": running.prod}
    assert others[environment].reader != view.reader
