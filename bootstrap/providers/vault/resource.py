"""What the resource types of Vault share. It owns no path of the API."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from typing_extensions import override

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Call, Created, PartlyDoneError, ProviderError, Resource
from bootstrap.providers.vault.client import VaultClient

_EMPTY: Mapping[type, Any] = {str: "", bool: False, int: 0, list: [], dict: {}}


class VaultResource(Resource):
    """A resource type of Vault: `make`, `live`, `change` and `remove` are its API calls."""

    def __init__(self, vault: VaultClient) -> None:
        self.vault = vault

    def make(self, inputs: Properties) -> str:
        """Create it, or take it over if a killed run left it; returns the id."""
        raise NotImplementedError

    def live(self, id_: str, known: Properties) -> Properties | None:
        """Its properties, or None if it is gone. `known` are the last known inputs and outputs."""
        raise NotImplementedError

    def change(self, id_: str, old: Properties, new: Properties) -> None:
        """Bring it from the old to the new inputs."""
        raise NotImplementedError

    def remove(self, id_: str, state: Properties) -> None:
        """Remove it; that it is gone already is no error."""
        raise NotImplementedError

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        id_ = self.make(inputs)
        return Created(id_, self._present(id_, inputs))

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        return self.live(id_, {**state, **inputs})

    @override
    def update(self, id_: str, old: Properties, new: Properties, call: Call) -> Properties:
        self.change(id_, old, new)
        return self._present(id_, new)

    @override
    def delete(self, id_: str, state: Properties, call: Call) -> None:
        self.remove(id_, state)

    def _present(self, id_: str, known: Properties) -> Properties:
        live = self.live(id_, known)
        if live is None:
            raise ProviderError(f"{id_} is gone right after it was changed")
        return live

    @contextmanager
    def finishing(self, id_: str, inputs: Properties) -> Iterator[None]:
        """The steps after the creating call: if one fails, the resource exists all the same."""
        try:
            yield
        except ProviderError as error:
            raise PartlyDoneError(id_, self._present(id_, inputs), str(error)) from None


class Written(VaultResource):
    """A resource type that is one path of the API: written whole, read back, deleted. The id is the path.

    `in_path` are the inputs that stand in the path and not in the body.
    """

    in_path: ClassVar[tuple[str, ...]] = ()

    def identify(self, inputs: Properties) -> str:
        raise NotImplementedError

    def path(self, id_: str) -> str:
        return id_

    @override
    def make(self, inputs: Properties) -> str:
        id_ = self.identify(inputs)
        self.vault.write(self.path(id_), self.body({}, inputs))
        return id_

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        data = self.vault.read(self.path(id_))
        if data is None:
            return None
        shown = {name: data.get(api_name(name)) for name in self.fields if name not in self.in_path}
        return {**shown, **{name: known[name] for name in self.in_path if name in known}}

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        self.vault.write(self.path(id_), self.body(old, new))

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.vault.delete(self.path(id_))

    def body(self, old: Properties, new: Properties) -> Properties:
        """What to write: everything that is given, and emptied what no longer is."""
        return body({name: field for name, field in self.fields.items() if name not in self.in_path}, old, new)


def body(fields: Mapping[str, Field], old: Properties, new: Properties) -> Properties:
    given = {api_name(name): new[name] for name in fields if new.get(name) is not None}
    dropped = {
        api_name(name): _EMPTY[field.kind]
        for name, field in fields.items()
        if old.get(name) is not None and new.get(name) is None
    }
    return {**given, **dropped}


def api_name(name: str) -> str:
    """An input's name as Vault's API spells it."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
