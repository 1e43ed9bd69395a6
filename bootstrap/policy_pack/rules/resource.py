"""One resource as a rule sees it, and which environment it belongs to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TAG = "secrets-bootstrap/environment"
_LABEL = "secrets-bootstrap-environment"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the user of the pack chooses."""

    durable_environments: tuple[str, ...] = ("prod",)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A resource: its type token, its name, its properties, and whether Pulumi protects it."""

    token: str
    name: str
    properties: Mapping[str, Any]
    protect: bool = False

    @classmethod
    def of(cls, args: Any) -> "Seen":
        """From what a policy is given for one resource."""
        return cls(token=args.resource_type, name=args.name, properties=args.props, protect=args.opts.protect)

    @property
    def environment(self) -> str:
        """By its tag or label; without one, by the first word of its name, as this library names resources."""
        for field, key in (("tags", _TAG), ("labels", _LABEL)):
            tagged = (self.properties.get(field) or {}).get(key)
            if tagged:
                return str(tagged)
        return self.name.split("-")[0]

    def at(self, *path: str) -> Any:
        """The value at a path of properties, or None."""
        value: Any = self.properties
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


Check = Callable[[Seen, Settings], Iterator[str]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What must hold, with one check for each type of resource that it speaks of."""

    description: str
    checks: Mapping[str, Check]

    def problems(self, seen: Seen, settings: Settings) -> Iterator[str]:
        """Each way in which the resource breaks the rule, with how to mend it."""
        check = self.checks.get(seen.token)
        if check is not None:
            yield from check(seen, settings)


def every(*tokens: str, check: Check) -> dict[str, Check]:
    """The same check for several types."""
    return dict.fromkeys(tokens, check)


def gives(properties: Mapping[str, Any] | None, name: str) -> bool:
    """Whether a property is given, known or not: to look at a value that is not known yet ends the rule."""
    return name in list(properties or ())
