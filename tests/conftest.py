"""The local stacks that the engine and the cluster tier share: each brought up once, with its own folder and ports."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.output import pytest_runtest_makereport  # noqa: F401 - a hook

if TYPE_CHECKING:
    from tests.local_stack import Running

_SHARED_STACKS = {"running": "local", "running_vault": "local-vault", "running_teams": "local-teams"}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Running"]:
    """Stack `local`, up from nothing, with what a preview said before anything was there."""
    from tests.local_stack import running_stack

    with running_stack("local", tmp_path_factory.mktemp("local")) as stack:
        yield stack


@pytest.fixture(scope="session")
def running_vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Running"]:
    """The same of stack `local-vault`."""
    from tests.local_stack import running_stack

    with running_stack("local-vault", tmp_path_factory.mktemp("local-vault")) as stack:
        yield stack


@pytest.fixture(scope="session")
def running_teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Running"]:
    """The same of stack `local-teams`."""
    from tests.local_stack import running_stack

    with running_stack("local-teams", tmp_path_factory.mktemp("local-teams")) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _on_its_stack(request: pytest.FixtureRequest) -> Iterator[None]:
    """Commands of a test go to the stack that it shares: all may be up in one process."""
    shared = next((name for name in _SHARED_STACKS if name in request.fixturenames), None)
    if shared is None:
        yield
        return
    with request.getfixturevalue(shared).environment():
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_credentials_of_the_developer() -> Iterator[None]:
    """Whatever the machine holds, tests never reach a real account."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("AWS_")}
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(Path(os.devnull))
    yield
    os.environ.update(kept)


_SHARED_BY_FOLDER = {"cluster", "localcloud_aws"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup`: tests that share a running cloud go to one worker, all others by file."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        shared = next((stack for name, stack in _SHARED_STACKS.items() if name in fixtures), "")
        by_folder = _SHARED_BY_FOLDER & set(item.path.parts)
        place = shared or (item.path.parent if by_folder else item.path)
        item.add_marker(pytest.mark.xdist_group(str(place)))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """A version of pytest or of xdist that loses the groups would start every shared cloud twice, and say nothing."""
    if getattr(session.config.option, "loadgroup", False):
        assert all("@" in item.nodeid for item in session.items), "pytest-xdist did not group the tests"
