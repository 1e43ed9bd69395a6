"""What a cloud adds to the schema of a resource type: the words that the tables of the clouds are written in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bootstrap.providers.properties import Properties
from bootstrap.providers.recorded.records import Left, Objects


@dataclass(frozen=True)
class Asked:
    """One call: what is asked for, by whom (the provider's configuration), and what is there."""

    inputs: Properties
    config: Properties
    objects: Objects

    def get(self, path: str) -> Any:
        """The input at a path such as `properties.tenantId`, or None."""
        value: Any = self.inputs
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value


GRANT_SECONDS = 2.0
"""A grant takes its time, as in a cloud: at once, it would be there in time for what forgets to wait for it."""

Path = Callable[[Asked], str]
Refusals = Callable[[Asked], Iterator[str]]


def _no_outputs(_asked: Asked, _id: str) -> Properties:
    return {}


def never(_asked: Asked) -> Iterator[str]:
    """No reason to refuse anything."""
    return iter(())


def there(what: str, token: str, path: Path) -> Refusals:
    """The object whose id is at the path must exist."""

    def refuses(asked: Asked) -> Iterator[str]:
        if asked.objects.find(token, path(asked)) is None:
            yield f"404: {what} {path(asked)} does not exist"

    return refuses


def all_of(*refusals: Refusals) -> Refusals:
    """Every reason of each."""
    return lambda asked: (reason for refuses in refusals for reason in refuses(asked))


def _gone(_asked: Asked) -> Left:
    return "nothing"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of one resource type.

    id: the object's id. outputs: what the cloud adds. required: inputs that the SDK leaves open and an offline provider
    does not make up. replaces: paths of inputs that cannot be changed. values: paths of inputs that are never recorded.
    refuses: why the cloud would refuse to create or update it. shared: creating what exists already is no error.
    seconds: how long a creation takes, where others must not begin before its end.
    delete: what a deletion leaves; it raises ProviderError if the cloud would refuse it.
    """

    id: Path
    outputs: Callable[[Asked, str], Properties] = _no_outputs
    required: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    refuses: Refusals = never
    shared: bool = False
    seconds: float = 0.0
    delete: Callable[[Asked], Left] = _gone
