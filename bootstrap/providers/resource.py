"""What a resource type of an offline provider is: its inputs, and what to do to create, read, update and delete one."""

import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bootstrap.providers.fields import Fault, Field, faults
from bootstrap.providers.properties import UNKNOWN, Properties


class ProviderError(Exception):
    """A failure to show to people. Its text holds names, never values."""


class PartlyDoneError(Exception):
    """The resource exists, but is not as it should be: the engine records it, and the next `up` goes on with it."""

    def __init__(self, id_: str, state: Properties, reason: str) -> None:
        super().__init__(reason)
        self.id, self.state, self.reason = id_, state, reason


@dataclass(frozen=True)
class Created:
    """A new resource: its id, and its properties."""

    id: str
    state: Properties


class Refreshed(NamedTuple):
    """The properties of a resource as they are now, and the inputs that describe them."""

    state: Properties
    inputs: Properties


@dataclass(frozen=True)
class Call:
    """One call of the engine: how long it may take (0: as long as the resource type thinks right), and its end."""

    timeout: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)

    def pause(self, seconds: float) -> None:
        """Wait before the next look; ends the call if the user has."""
        if self.cancelled.wait(seconds):
            raise ProviderError("the run was cancelled")


class Resource:
    """One resource type. `computed` are the outputs that no input sets; they are unknown until it is created.

    `volatile` are those of them that an update may change. `secret_outputs` are always encrypted in the state.
    """

    fields: Mapping[str, Field] = {}
    computed: Sequence[str] = ()
    volatile: Sequence[str] = ()
    secret_outputs: frozenset[str] = frozenset()

    def check(self, inputs: Properties) -> Iterable[Fault]:
        """What is wrong with the inputs, without looking at the cloud."""
        return faults(self.fields, inputs)

    def replaces(self, keys: tuple[str | int, ...]) -> bool:
        """Whether a change of the property at these keys needs a new resource."""
        known = self.fields.get(str(keys[0]))
        return known is not None and known.replaces

    def delete_before_replace(self, old: Properties, new: Properties) -> bool:  # noqa: ARG002
        """Whether the old one must go before the new one can come, such as for a name that both have."""
        return False

    def planned(self, inputs: Properties) -> Properties:
        """What a create will make of the inputs, as far as it is known before."""
        return {**dict.fromkeys(self.computed, UNKNOWN), **inputs}

    def replanned(self, old: Properties, new: Properties, state: Properties) -> Properties:  # noqa: ARG002
        """What an update from inputs `old` to `new` will make of `state`, as far as it is known before."""
        kept = {name: state[name] for name in self.computed if name in state}
        return {**kept, **dict.fromkeys(self.volatile, UNKNOWN), **new}

    def create(self, inputs: Properties, call: Call) -> Created:
        raise NotImplementedError

    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        """The properties as they are now, or None if the resource is gone. `inputs` and `state` are the last known."""
        raise NotImplementedError

    def refresh(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Refreshed | None:
        """What is there now, or None if the resource is gone. `inputs` and `state` are the last known."""
        live = self.read(id_, inputs, state, call)
        return None if live is None else Refreshed(live, self.refreshed_inputs(inputs, live))

    def update(self, id_: str, old: Properties, new: Properties, call: Call) -> Properties:
        """Bring the resource from inputs `old` to `new`; returns its properties."""
        raise NotImplementedError

    def delete(self, id_: str, state: Properties, call: Call) -> None:
        """Remove it; that it is gone already is no error."""
        raise NotImplementedError

    def refreshed_inputs(self, old: Properties, live: Properties) -> Properties:
        """The inputs that describe what is there now: where they differ from the old ones, somebody changed it."""
        found: Properties = {}
        for name, known in self.fields.items():
            before, now = old.get(name), live.get(name)
            if before is None and (not old or not known.chosen_by_cloud) and now not in (None, {}, [], "", False):
                found[name] = now
            elif before is not None and now is not None:
                found[name] = before if _same(known, before, now) else now
        return found


def _same(known: Field, before: Any, now: Any) -> bool:
    if known.json_text:
        return _document(before) == _document(now)
    if known.unordered and isinstance(before, list) and isinstance(now, list):
        return sorted(map(str, before)) == sorted(map(str, now))
    return bool(before == now)


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
