"""What the engine says while it works: previews, an `up` that changes nothing, event logs, verbose logs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap.canaries.canary import Canary
from bootstrap.canaries.place import Place
from bootstrap.engine import Engine

_WHOLE = ("--diff", "--show-sames")
# The engine unwraps secrets to compare and to send them, and shows that to whoever asks for it.
_SEES_ALL = "the engine writes what passes through it (ADR 0005): never switch this on where logs are kept"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One file or output of a run. `debugs`: it shows what passes through the engine, a key that Pulumi made too."""

    name: str
    data: bytes
    debugs: bool = False


def record(engine: Engine, scratch: Path) -> list[Recorded]:
    """Run the engine on a stack that is as its program says, and keep all that it writes.

    Raises BootstrapError if the stack is not: an `up` would change it.
    """
    preview, up, debug = (scratch / f"{name}.events.json" for name in ("preview", "up", "debug"))
    grpc = scratch / "grpc.json"
    previewed = engine.transcript("preview", "--expect-no-changes", *_WHOLE, "--event-log", str(preview), "-v=3")
    machine = engine.transcript("preview", "--json", "--show-sames")
    updated = engine.transcript("up", "--yes", "--skip-preview", *_WHOLE, "--event-log", str(up), "-v=3")
    verbose = engine.transcript("preview", "--event-log", str(debug), "-v=9", "--logflow", PULUMI_DEBUG_GRPC=str(grpc))
    return [
        Recorded(name="preview and its log (-v=3)", data=previewed),
        Recorded(name="preview --json", data=machine),
        Recorded(name="up and its log (-v=3)", data=updated),
        Recorded(name="event logs", data=b"".join(file.read_bytes() for file in (preview, up, debug))),
        Recorded(name="preview and its log (-v=9)", data=verbose, debugs=True),
        Recorded(name="PULUMI_DEBUG_GRPC", data=grpc.read_bytes(), debugs=True),
    ]


def places(recorded: Sequence[Recorded], stack: str, through_engine: frozenset[Canary]) -> Iterator[Place]:
    for one in recorded:
        yield Place(
            name=one.name,
            read=lambda one=one: [(one.name, one.data)],
            control=f"urn:pulumi:{stack}::".encode(),
            tolerates=through_engine if one.debugs else frozenset(),
            because=_SEES_ALL,
        )
