"""Fill the tools folder once: each program from PATH, from its official release, or from source, in that order."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bootstrap.errors import BootstrapError
from bootstrap.paths import cache_dir
from bootstrap.toolchain import go_build, on_path, release
from bootstrap.toolchain.folders import module_dir, tools_dir
from bootstrap.toolchain.tools import Module

SOURCES = ("path", "release", "source")
CHART = Path("charts") / "external-secrets"


def sources() -> tuple[str, ...]:
    """Where programs may come from, in order. `SECRETS_BOOTSTRAP_TOOL_SOURCES=path,source` skips the downloads."""
    chosen = tuple(filter(None, os.environ.get("SECRETS_BOOTSTRAP_TOOL_SOURCES", ",".join(SOURCES)).split(",")))
    unknown = [word for word in chosen if word not in SOURCES]
    if unknown or not chosen:
        raise BootstrapError(
            "SECRETS_BOOTSTRAP_TOOL_SOURCES",
            f"{', '.join(unknown) or 'an empty list'} is not a source of programs",
            f"use a comma-separated choice of: {', '.join(SOURCES)}",
        )
    return chosen


def is_complete(module: Module, directory: Path) -> bool:
    """Whether every program of the module is in place, and with it what belongs to it: see `_link`."""
    return all((directory / program.name).exists() for program in module.programs)


def install(console: Console, modules: Sequence[Module]) -> Path:
    """Have every program of these modules in one folder and return it. A second call finds them and does nothing."""
    directory = tools_dir(modules)
    if not all(is_complete(module, directory) for module in modules):
        directory.mkdir(parents=True, exist_ok=True)
        with FileLock(cache_dir() / "install.lock"):
            missing = [module for module in modules if not is_complete(module, directory)]
            _install_missing(missing, directory, console)
    return directory


def _install_missing(missing: list[Module], directory: Path, console: Console) -> None:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        for number, module in enumerate(missing, start=1):
            if is_complete(module, directory):  # an installed Pulumi brings its language host
                continue
            kept = module_dir(module)
            if not is_complete(module, kept):
                names = ", ".join(program.name for program in module.programs)
                label = f"[{number}/{len(missing)}] {names}"
                waiting = f"{label}: waiting for it (a build from source takes about {module.minutes:g} min)"
                task = progress.add_task(waiting)
                if not console.is_terminal:
                    console.print(waiting)
                origin = _install_module(module, kept)
                progress.update(task, description=f"{label}: {origin}", total=1, completed=1)
                console.print(f"{label}: {origin}")
            _link(module, kept, directory)


def _install_module(module: Module, kept: Path) -> str:
    """Have the module's folder, complete or not at all."""
    reasons: list[str] = []
    kept.parent.mkdir(parents=True, exist_ok=True)
    for source in sources():
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix=f".{module.name}-") as name:
            work = Path(name) / "content"
            work.mkdir()
            try:
                _SOURCES[source](module, work)
            except (release.ReleaseUnavailableError, LookupError) as error:
                reasons.append(f"{source}: {error}")
                continue
            shutil.rmtree(kept, ignore_errors=True)  # a program that was found on PATH may have gone from there
            work.rename(kept)
            return _DESCRIPTIONS[source]
    raise BootstrapError(
        f"no source for {module.name}", "; ".join(reasons), "allow more sources with SECRETS_BOOTSTRAP_TOOL_SOURCES"
    )


def _from_path(module: Module, work: Path) -> None:
    for program in module.programs:
        found = on_path.find(program)
        if found is None:
            raise LookupError(f"no usable {program.name}")
        (work / program.name).symlink_to(found)
        # The language host and its launch script must be those of the same installation.
        for companion in found.resolve().parent.glob("pulumi-language-python*") if program.name == "pulumi" else ():
            (work / companion.name).symlink_to(companion)


def _from_release(module: Module, work: Path) -> None:
    for program in module.programs:
        release.install(program, work)


def _from_source(module: Module, work: Path) -> None:
    go_build.build(module, work)


_SOURCES = {"path": _from_path, "release": _from_release, "source": _from_source}
_DESCRIPTIONS = {
    "path": "found on this machine",
    "release": "official release, checksum verified",
    "source": "built from source, checksums verified",
}


def _link(module: Module, kept: Path, directory: Path) -> None:
    """Link all of it into `directory`. Programs go last: once one is there, so is the chart or script with it."""
    programs = {program.name for program in module.programs}
    for item in sorted(kept.iterdir(), key=lambda item: item.name in programs):
        with tempfile.TemporaryDirectory(dir=directory, prefix=".link-") as name:
            link = Path(name) / item.name
            _point(link, item)
            link.replace(directory / item.name)


def _point(link: Path, item: Path) -> None:
    """A hard link where that can be: Pulumi looks for its language host beside the file that it was started from."""
    if item.is_file() and not item.is_symlink():
        with suppress(OSError):  # another file system
            link.hardlink_to(item)
            return
    link.symlink_to(item)
