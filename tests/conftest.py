"""The local stack that the engine and the cluster tier share: brought up once, with its own folder and ports."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local_stack import Running


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Running"]:
    """Stack `local`, up from nothing, with what a preview said before anything was there."""
    from rich.console import Console

    from bootstrap import lifecycle
    from tests.local_stack import Running, environment_of, free_port_base

    directory = tmp_path_factory.mktemp("local")
    with environment_of(directory, free_port_base()):
        console = Console(file=io.StringIO(), width=200)
        local = lifecycle.open_stack("local", console)
        try:
            local.start_cloud(console)
            local.engine.prepare()
            preview = local.engine.operate("preview", "--json", capture=True)
            report = lifecycle.up("local", console)
            yield Running(local=local, preview=preview, report=report, console=console)
        finally:
            lifecycle.down("local", console)
            assert not directory.exists()


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
        shares = "running" in getattr(item, "fixturenames", ())
        by_folder = _SHARED_BY_FOLDER & set(item.path.parts)
        place = "local stack" if shares else item.path.parent if by_folder else item.path
        item.add_marker(pytest.mark.xdist_group(str(place)))
