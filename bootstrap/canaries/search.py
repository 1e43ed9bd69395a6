"""Looks for all values in all forms at once (Aho-Corasick), in pieces, so that memory stays bounded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick

from bootstrap.canaries.canary import Canary
from bootstrap.canaries.forms import forms

_PIECE = 8 * 1024 * 1024
OVERLAP = 32 * 1024
"""What a piece of a file repeats of the one before: no needle is longer."""

Piece = tuple[str, bytes]
"""Where bytes were read, in words for people, and the bytes."""


@dataclass(frozen=True)
class Hit:
    """A value that was found: which, in what form, where."""

    where: str
    form: str
    canary: Canary

    def __str__(self) -> str:
        return f"{self.canary} as {self.form} in {self.where}"


class Search:
    """Knows the values; made once for a scan."""

    def __init__(self, canaries: Sequence[Canary]) -> None:
        self.canaries = canaries
        self._needles: dict[bytes, tuple[Canary, str]] = {}
        for canary in canaries:
            for value in canary.values:
                for form, written in forms(value):
                    self._needles.setdefault(written, (canary, form))
        if any(len(needle) > OVERLAP for needle in self._needles):
            raise ValueError("a value is too long to be followed")
        self._names = list(self._needles.values())
        self._automaton = BytesAhoCorasick(list(self._needles))

    def hits(self, where: str, data: bytes) -> set[Hit]:
        """Every value that the bytes hold."""
        found = {index for index, _, _ in self._automaton.find_matches_as_indexes(data, overlapping=True)}
        return {Hit(where, form, canary) for canary, form in (self._names[index] for index in found)}


def pieces_of_files(files: Iterable[Path], root: Path) -> Iterator[Piece]:
    """The contents of files. One that goes away meanwhile is passed over."""
    for path in files:
        try:
            with path.open("rb") as file:
                where = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
                yield from ((where, piece) for piece in pieces(file.read))
        except FileNotFoundError:
            continue


def pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """A stream, each piece with the end of the one before."""
    end = b""
    while block := read(_PIECE):
        yield end + block
        end = (end + block)[-OVERLAP:]
