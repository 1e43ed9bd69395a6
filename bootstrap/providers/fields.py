"""What a resource type accepts: its inputs by name, their kinds, and what a change of each means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from bootstrap.providers.properties import Secret, Unknown

_NAMES = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
    NoneType: "nothing",
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input.

    kind: its Python type; `object` takes any. required: whether it must be given.
    replaces: whether a change makes a new resource.
    chosen_by_cloud: it has a value in the cloud even if none is given, so a refresh reports it only if it was given.
    unordered: a list whose order means nothing. json_text: a text compared as the document it holds.
    choices: the only values. fields: of an object, its own fields; of a list, those of each item. items: what each item
    of a list or value of a map is.
    """

    kind: type
    required: bool = False
    replaces: bool = False
    chosen_by_cloud: bool = False
    unordered: bool = False
    json_text: bool = False
    choices: tuple[str | float, ...] = ()
    fields: "Mapping[str, Field]" = field(default_factory=dict)
    items: "Field | None" = None


@dataclass(frozen=True)
class Fault:
    """What is wrong with an input: its path and why. Never its value."""

    path: str
    reason: str


def faults(fields: Mapping[str, Field], inputs: Mapping[str, Any], prefix: str = "") -> Iterator[Fault]:
    """Every unknown, missing or wrong input, nested ones too."""
    for name, value in inputs.items():
        path = f"{prefix}{name}"
        known = fields.get(name)
        if known is None:
            yield Fault(path, f"is not an input that the offline provider knows; it knows {', '.join(sorted(fields))}")
        else:
            yield from _value_faults(known, value, path)
    for name, known in fields.items():
        if known.required and inputs.get(name) is None:
            yield Fault(f"{prefix}{name}", "is required (the offline providers make up no names or values)")


def _value_faults(known: Field, value: Any, path: str) -> Iterator[Fault]:
    if isinstance(value, Secret):
        value = value.value
    if value is None or isinstance(value, Unknown) or known.kind is object:
        return
    if type(value) is not known.kind and not (known.kind is float and type(value) is int):
        yield Fault(path, f"is {_NAMES[type(value)]}, it must be {_NAMES[known.kind]}")
    elif known.choices and value not in known.choices:
        yield Fault(path, f"must be one of {', '.join(map(str, known.choices))}")
    elif known.fields and isinstance(value, dict):
        yield from faults(known.fields, value, f"{path}.")
    elif known.fields and isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield from faults(known.fields, item, f"{path}[{index}].")
    elif known.items and isinstance(value, dict):
        for key, item in value.items():
            yield from _value_faults(known.items, item, f"{path}.{key}")
    elif known.items and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _value_faults(known.items, item, f"{path}[{index}]")
