"""Reads a Git repository as streams: names of versions from `git log`, their contents from one `git cat-file`."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bootstrap.errors import BootstrapError

_PIECE = 16 * 1024 * 1024  # bytes of a file that are looked at together
_SUBMODULE = "160000"
_NO_BLOB = "0" * 40


@dataclass(frozen=True)
class Version:
    """A path with a content. `blob` is empty for a commit's message, which is in `message`."""

    path: str
    blob: str
    commit: str = ""
    message: str = ""


def root_of(path: Path) -> Path:
    """The top of the working tree that the path is in."""
    return Path(os.fsdecode(run(path, "rev-parse", "--show-toplevel")).rstrip("\n"))


def tree_paths(root: Path, below: str = ".") -> list[str]:
    """Tracked files and new ones that are not ignored."""
    listed = run(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", below)
    return sorted(os.fsdecode(path) for path in listed.split(b"\0") if path)


def index(root: Path) -> Iterator[Version]:
    for entry in run(root, "ls-files", "-z", "--stage").split(b"\0"):
        described, _, path = os.fsdecode(entry).partition("\t")
        if path and not described.startswith(_SUBMODULE):
            yield Version(path, described.split()[1])


def staged_paths(root: Path) -> set[str]:
    listed = run(root, "diff", "--cached", "--name-only", "-z", "--no-renames", "--diff-filter=d")
    return {os.fsdecode(path) for path in listed.split(b"\0") if path}


def count_commits(root: Path, commits: str | None) -> int:
    return int(run(root, "rev-list", "--count", *_revisions(commits)))


def history(root: Path, commits: str | None, *pathspecs: str) -> Iterator[Version]:
    """Each version of each path once, merges too, and each message. `commits` is a range; None is every reference."""
    form = ["--root", "-c", "--raw", "-z", "--no-renames", "--no-abbrev", "--format=commit %H%n%B"]
    command = ["log", *form, *_revisions(commits)]
    seen: set[bytes] = set()
    commit = ""
    with _streaming(root, *command, "--", *pathspecs) as tokens:
        for token in tokens:
            if token.startswith(b"commit "):
                head, _, message = token.partition(b"\n")
                commit = head[7:].decode()
                yield Version("(commit message)", "", commit, message.decode(errors="replace"))
            elif token.lstrip(b"\n").startswith(b":"):
                described = token.decode().lstrip("\n:").split()
                parents = token.count(b":")
                mode, blob = described[parents], described[2 * parents + 1]
                path = next(tokens)
                key = bytes.fromhex(blob) + path
                if blob != _NO_BLOB and mode != _SUBMODULE and key not in seen:
                    seen.add(key)
                    yield Version(os.fsdecode(path), blob, commit)


class Contents:
    """Contents of blobs, one at a time, in pieces that end at a line: memory stays bounded whatever their size."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            _git(root, "cat-file", "--batch"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> "Contents":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def pieces(self, version: Version) -> Iterator[str]:
        if not version.blob:
            yield version.message
            return
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(version.blob.encode() + b"\n")
        self._process.stdin.flush()
        header = self._process.stdout.readline().split()
        if len(header) != 3:
            mend = "fetch it (`git fetch --refetch`, or `--no-history` in a partial clone) and run again"
            raise BootstrapError(version.path, f"Git has no content of version {version.blob}", mend)
        remaining = int(header[2])
        while remaining:
            data = self._process.stdout.read(min(remaining, _PIECE))
            if len(data) < remaining:
                data += self._process.stdout.readline(remaining - len(data))
            if not data:
                raise BootstrapError(version.path, "git cat-file ended early", "run `git fsck`")
            remaining -= len(data)
            yield data.decode(errors="replace")
        self._process.stdout.read(1)


def run(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(_git(root, *arguments), capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed"
        raise BootstrapError(str(root), said, "run it in a Git repository, or give one with --path")
    return done.stdout


@contextmanager
def _streaming(root: Path, *arguments: str) -> Iterator[Iterator[bytes]]:
    process = subprocess.Popen(_git(root, *arguments), stdout=subprocess.PIPE)
    assert process.stdout
    try:
        yield _split(process.stdout)
        process.stdout.close()
        if process.wait():
            raise BootstrapError(str(root), f"git {arguments[0]} failed", "run `git fsck`")
    finally:
        process.kill()
        process.wait()


def _split(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(1 << 16):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _revisions(commits: str | None) -> list[str]:
    return ["--end-of-options", commits] if commits else ["--all"]


def _git(root: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(root), "-c", "core.quotePath=false", *arguments]
