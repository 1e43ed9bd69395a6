"""The command `rotate`: which stack and secret, where values come from, and what is shown meanwhile."""

import re
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bootstrap.errors import BootstrapError
from bootstrap.lifecycle import environment_views, only_run, open_stack
from bootstrap.rotation.secrets import values
from bootstrap.rotation.secrets.container import container_of
from bootstrap.rotation.secrets.record import RunRecord, Settings, StageRecord
from bootstrap.rotation.secrets.rotation import Rotation, Values, in_order

_NAME = re.compile(r"[a-z0-9]+(?:[/._-][a-z0-9]+)*")


def start(stack: str, secret: str, environments: Sequence[str], settings: Settings, console: Console) -> RunRecord:
    """Begin a run. One that is not finished is in its way."""

    def begin(directory: Path, last: RunRecord | None) -> RunRecord:
        if last is not None and not last.finished:
            raise BootstrapError(
                f"secret {secret}", "its last rotation is not finished", "`rotate resume` it, or `rotate roll-back`"
            )
        if settings.generate is not None:
            values.generated((), settings.generate)  # its length is refused before anything is looked at
        stages = [StageRecord(name) for name in environments]
        return RunRecord(secret, settings, stages, RunRecord.path(directory, secret))

    return _run(stack, secret, console, begin, Rotation.start)


def resume(stack: str, secret: str, console: Console) -> RunRecord:
    """Go on with a run that failed or was interrupted."""
    return _run(stack, secret, console, _unfinished, Rotation.resume)


def roll_back(stack: str, secret: str, console: Console) -> RunRecord:
    """Put the earlier versions back, of a finished run too."""
    return _run(stack, secret, console, _any, lambda rotation, _values: rotation.roll_back())


def status(stack: str, secret: str, console: Console) -> RunRecord:
    """How far the last run is."""
    return _any(*_last(open_stack(stack, console).directory, secret))


def abandon(stack: str, secret: str, console: Console) -> None:
    """Forget the last run. The manager and the clusters stay as they are."""
    local = open_stack(stack, console)
    with only_run(local.directory):
        _any(*_last(local.directory, secret)).file.unlink()


def _run(
    stack: str,
    secret: str,
    console: Console,
    choose: Callable[[Path, RunRecord | None], RunRecord],
    act: Callable[[Rotation, Values], None],
) -> RunRecord:
    local = open_stack(stack, console)
    with only_run(local.directory):
        run = choose(*_last(local.directory, secret))
        local.require_running()
        views = in_order(environment_views(local), [stage.environment for stage in run.stages])
        with _progress(run, console) as tell:
            containers = [container_of(view, secret) for view in views]
            rotation = Rotation(run=run, views=views, containers=containers, tell=tell)
            act(rotation, lambda wanting: _values(run.settings, wanting))
    return run


def _values(settings: Settings, environments: Sequence[str]) -> dict[str, str]:
    if settings.generate is not None:
        return values.generated(environments, settings.generate)
    return values.from_stream(environments, sys.stdin)


def _last(directory: Path, secret: str) -> tuple[Path, RunRecord | None]:
    if not _NAME.fullmatch(secret):
        raise BootstrapError(
            "the secret's name",
            "is not the name of a container in the stack's configuration",
            "name one of `secrets`, such as database",
        )
    return directory, RunRecord.load(directory, secret)


def _any(_directory: Path, last: RunRecord | None) -> RunRecord:
    if last is None:
        raise BootstrapError("this secret", "no rotation of it is known on this machine", "`rotate start` one")
    return last


def _unfinished(directory: Path, last: RunRecord | None) -> RunRecord:
    run = _any(directory, last)
    if run.finished:
        raise BootstrapError(f"secret {run.secret}", "its last rotation is finished", "`rotate start` another one")
    if run.rolling_back:
        raise BootstrapError(f"secret {run.secret}", "it is being rolled back", "`rotate roll-back` to the end")
    return run


@contextmanager
def _progress(run: RunRecord, console: Console) -> Generator[Callable[[StageRecord, str], None]]:
    """A line for each stage that moves, and one for each thing that was done, with the seconds from the beginning."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    started = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {stage.environment: progress.add_task(stage.environment, start=False) for stage in run.stages}

        def tell(stage: StageRecord, text: str) -> None:
            progress.start_task(tasks[stage.environment])
            progress.update(tasks[stage.environment], description=f"{stage.environment}: {text}")
            progress.console.print(f"{time.monotonic() - started:6.1f} s  {stage.environment}: {text}", highlight=False)

        yield tell
