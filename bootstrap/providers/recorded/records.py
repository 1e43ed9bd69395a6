"""The file that a recorded cloud is: its objects by type token and id. Each change of it is one step."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from filelock import FileLock

from bootstrap.paths import broken_record, private_dir, write_private
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import ProviderError

Left = Literal["nothing", "object", "name"]
"""What a deletion leaves: the object itself, where it can never be deleted, or its name, where that stays taken."""


class Entry(TypedDict):
    """One object: what was asked for, what the cloud added, and what its deletion left."""

    inputs: Properties
    outputs: Properties
    left: NotRequired[Left]


@dataclass(frozen=True)
class Objects:
    """The objects while the file is held."""

    entries: dict[str, dict[str, Entry]]

    def entry(self, token: str, id_: str) -> Entry | None:
        """The record of an object that is there, or of what its deletion left."""
        return self.entries.get(token, {}).get(id_)

    def find(self, token: str, id_: str) -> Properties | None:
        """The properties of the object, if it is there; also of one that can never be deleted."""
        found = self.entry(token, id_)
        return None if found is None or found.get("left") == "name" else merged(found["inputs"], found["outputs"])

    def of(self, token: str) -> Iterator[tuple[str, Properties]]:
        """All objects of one type, with their ids."""
        for id_ in self.entries.get(token, {}):
            found = self.find(token, id_)
            if found is not None:
                yield id_, found

    def put(self, token: str, id_: str, entry: Entry) -> None:
        self.entries.setdefault(token, {})[id_] = entry

    def remove(self, token: str, id_: str, left: Left) -> None:
        """Delete an object; unless the object itself is left, all that lies beneath it goes with it."""
        if left == "nothing":
            del self.entries[token][id_]
        else:
            self.entries[token][id_]["left"] = left
        if left != "object":
            for token_, of_type in self.entries.items():
                self.entries[token_] = {key: one for key, one in of_type.items() if not key.startswith(f"{id_}/")}


class Records:
    """A recorded cloud of the stack whose folder is in `SECRETS_BOOTSTRAP_STATE_DIR`."""

    def __init__(self, cloud: str) -> None:
        self._cloud = cloud

    @contextmanager
    def open(self) -> Iterator[Objects]:
        """The objects; what the block changes is written when it ends without an error."""
        file = self._file()
        with FileLock(file.with_suffix(".lock"), mode=0o600):
            entries = _read(file)
            before = json.dumps(entries)
            yield Objects(entries)
            if json.dumps(entries) != before:
                write_private(file, json.dumps(entries, indent=1))

    def _file(self) -> Path:
        state = os.environ.get("SECRETS_BOOTSTRAP_STATE_DIR")
        if not state:
            raise ProviderError(
                f"SECRETS_BOOTSTRAP_STATE_DIR is not set: the offline provider {self._cloud} records its objects in "
                "the stack's folder. Install the official plugin to use the cloud itself"
            )
        return private_dir(Path(state) / "recorded") / f"{self._cloud}.json"


def _read(file: Path) -> dict[str, dict[str, Entry]]:
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise broken_record(file) from None


def merged(inputs: Properties, outputs: Properties) -> Properties:
    """Both together; objects part by part."""
    result = {**inputs}
    for name, value in outputs.items():
        given = inputs.get(name)
        result[name] = merged(given, value) if isinstance(given, dict) and isinstance(value, dict) else value
    return result
