"""Differences between two sets of inputs, property by property."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bootstrap.providers.properties import has_unknown

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Change:
    """A changed property: its path as the engine writes it, and the keys that lead to it."""

    keys: tuple[str | int, ...]
    kind: Literal["add", "delete", "update"]

    @property
    def path(self) -> str:
        text = ""
        for key in self.keys:
            if isinstance(key, int):
                text += f"[{key}]"
            elif _PLAIN_NAME.fullmatch(key):
                text += f".{key}" if text else key
            else:
                escaped = key.replace('"', '\\"')
                text += f'["{escaped}"]'
        return text


def changes(old: Any, new: Any, keys: tuple[str | int, ...] = ()) -> Iterator[Change]:
    """What must change to come from `old` to `new`; a value that is not known yet counts as changed."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            before, after = old.get(key), new.get(key)
            if before is None and after is None:
                continue
            if before is None:
                yield Change((*keys, key), "add")
            elif after is None:
                yield Change((*keys, key), "delete")
            else:
                yield from changes(before, after, (*keys, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from changes(before, after, (*keys, index))
    elif has_unknown(new) or old != new:
        yield Change(keys, "update")
