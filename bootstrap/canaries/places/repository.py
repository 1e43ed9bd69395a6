"""The working tree and every object that Git has, reachable or not."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bootstrap.canaries.place import Place
from bootstrap.canaries.search import Piece, pieces, pieces_of_files

_NOT_SEARCHED = {
    ".git",
    ".venv",
}  # Git's objects are read unpacked; installed packages are as their publishers made them
_KNOWN = b"secrets-bootstrap"


def places(root: Path) -> Iterator[Place]:
    yield Place(name="working tree", read=lambda: pieces_of_files(_files(root), root), control=_KNOWN)
    if (root / ".git").exists():
        yield Place(name="Git objects", read=lambda: _objects(root), control=_KNOWN)


def _files(root: Path) -> Iterator[Path]:
    """Ignored files too."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _NOT_SEARCHED]
        yield from (path for path in (Path(folder, name) for name in files) if path.is_file() and not path.is_symlink())


def _objects(root: Path) -> Iterator[Piece]:
    command = ["git", "-C", str(root), "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as git:
        assert git.stdout
        yield from (("a Git object", piece) for piece in pieces(git.stdout.read))
    if git.returncode:
        raise OSError("git cat-file failed")
