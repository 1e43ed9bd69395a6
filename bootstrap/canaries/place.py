"""A place where values could be, and the verdict on it. A clean place counts only if it was really read."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bootstrap.canaries.canary import Canary
from bootstrap.canaries.search import Hit, Piece, Search

_TOLD = 5


class Outcome(StrEnum):
    """What became of a place. Only `clean` and `holds its own` are good."""

    CLEAN = "clean"
    HOLDS_ITS_OWN = "holds its own"
    LEAK = "leak"
    UNPROVEN = "unproven"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Somewhere bytes can be read.

    name: in words for people. read: everything that is there. control: what must be found in what was read: without it
    the search looked at the wrong thing. holds: values that belong there, so the search must find each of them.
    tolerates: values that may be there, and `because` says why.
    """

    name: str
    read: Callable[[], Iterable[Piece]]
    control: bytes = b""
    holds: frozenset[Canary] = frozenset()
    tolerates: frozenset[Canary] = frozenset()
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`evidence` has names, fingerprints and files, never a value."""

    place: str
    outcome: Outcome
    evidence: str
    megabytes: float
    seconds: float

    @property
    def passed(self) -> bool:
        return self.outcome in (Outcome.CLEAN, Outcome.HOLDS_ITS_OWN)


def searched(place: Place, search: Search) -> Verdict:
    """Read a place and judge what is in it."""
    started, seen = time.monotonic(), _Seen(place.control)
    failure = ""
    try:
        for where, data in place.read():
            seen.add(where, data, search)
    except Exception as error:  # what could not be read is not clean; the error's text could hold a value
        failure = f"could not be read to its end: {type(error).__name__}"
    outcome, evidence = _judge(place, seen, failure)
    return Verdict(
        place=place.name,
        outcome=outcome,
        evidence=evidence,
        megabytes=seen.size / 1e6,
        seconds=time.monotonic() - started,
    )


class _Seen:
    def __init__(self, control: bytes) -> None:
        self.hits: set[Hit] = set()
        self.size = 0
        self.controlled = False
        self._control = control

    def add(self, where: str, data: bytes, search: Search) -> None:
        self.size += len(data)
        self.hits |= search.hits(where, data)
        self.controlled = self.controlled or (bool(self._control) and self._control in data)


def _judge(place: Place, seen: _Seen, failure: str) -> tuple[Outcome, str]:
    found = {hit.canary for hit in seen.hits}
    leaks = sorted({str(hit) for hit in seen.hits if hit.canary not in place.holds | place.tolerates})
    if leaks:
        return Outcome.LEAK, _listed(leaks)
    if failure:
        return Outcome.UNPROVEN, failure
    missing = sorted(str(canary) for canary in place.holds - found)
    if missing:
        return Outcome.UNPROVEN, f"it should hold {_listed(missing)}: the search does not see what is there"
    if place.control and not seen.controlled:
        return Outcome.UNPROVEN, "what must be there was not found: something else was read, or nothing"
    if place.holds:
        return Outcome.HOLDS_ITS_OWN, f"{len(place.holds)} values that belong there, and no other"
    tolerated = sorted(str(canary) for canary in place.tolerates & found)
    return Outcome.CLEAN, f"but for {_listed(tolerated)}: {place.because}" if tolerated else "none of the values"


def _listed(texts: Iterable[str]) -> str:
    (*first,) = texts
    more = f" and {len(first) - _TOLD} more" if len(first) > _TOLD else ""
    return "; ".join(first[:_TOLD]) + more
