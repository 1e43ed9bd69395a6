"""What is left of the stack's folder, and what the harness keeps in it for its owner only."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bootstrap.canaries.canary import Canary
from bootstrap.canaries.folder import Folder
from bootstrap.canaries.place import Place
from bootstrap.canaries.search import pieces_of_files


def kept(name: str, files: Sequence[Path], values: frozenset[Canary], folder: Folder) -> Place:
    """Files in which these values belong."""
    return Place(name=name, read=lambda: pieces_of_files(files, folder.root), holds=values)


def rest(folder: Folder, ports_base: int) -> Iterator[Place]:
    """Whatever no other place has claimed."""
    files = folder.rest()
    yield Place(
        name="the rest of the stack's folder",
        read=lambda: pieces_of_files(files, folder.root),
        control=str(ports_base).encode(),
    )


def others(paths: Sequence[Path]) -> Iterator[Place]:
    """What the caller names, such as logs of CI. There is no control: an empty file is as clean as any."""
    for path in paths:
        files = [path] if path.is_file() else [one for one in sorted(path.rglob("*")) if one.is_file()]
        yield Place(name=str(path), read=lambda files=files: pieces_of_files(files, Path.cwd()))
