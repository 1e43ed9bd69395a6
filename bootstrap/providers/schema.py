"""The schema of a resource type, read from the installed SDK: its inputs, their kinds and nesting, and its outputs."""

import inspect
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Union, get_args, get_origin

# What the SDKs themselves resolve their annotations with; the version of `pulumi` is pinned.
from pulumi._types import (
    input_type_py_to_pulumi_names,
    input_type_types,
    is_input_type,
    is_output_type,
    output_type_types,
    resource_types,
    unwrap_type,
)
from pulumi.runtime import rpc

from bootstrap.providers.fields import Field

_SCALARS = (str, bool, int, float)


@dataclass(frozen=True)
class Shape:
    """An output: its parts if it is an object, and whether it is a map."""

    parts: "Mapping[str, Shape]" = field(default_factory=dict)
    is_map: bool = False


def inputs_of(token: str) -> dict[str, Field]:
    """The inputs of a resource type by their names on the wire. Raises LookupError if the SDK has no such type."""
    resource = _resource_class(token)
    module = inspect.getmodule(resource)
    # Where a nested type of another resource has the name, the SDK calls the arguments so.
    arguments = getattr(module, f"{resource.__name__}InitArgs", None) or getattr(module, f"{resource.__name__}Args")
    return _fields(arguments)


def outputs_of(token: str) -> Shape:
    """The outputs, as the parts of one object."""
    return Shape({name: _shape(kind) for name, kind in resource_types(_resource_class(token)).items()})


def configuration_of(package: str) -> dict[str, Field]:
    """What the provider itself takes. The engine sends each as text."""
    return dict.fromkeys(input_type_types(_sdk(package).ProviderArgs), Field(kind=str))


def _sdk(package: str) -> Any:
    # It registers its types, but loads one of its folders only when a type in there is asked for.
    return import_module(f"pulumi_{package.replace('-', '_')}")


def _resource_class(token: str) -> type:
    package, module, _ = token.split(":")
    _sdk(package)
    found = rpc.get_resource_module(package, module, "")
    classes: Mapping[str, str] = getattr(found, "mod_info", {}).get("classes", {})
    if token not in classes:
        raise LookupError(token)
    return getattr(import_module(found.mod_info["fqn"]), classes[token])  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]


@cache
def _fields(arguments: type) -> dict[str, Field]:
    parameters = inspect.signature(arguments.__init__).parameters
    required = {
        wire
        for name, wire in input_type_py_to_pulumi_names(arguments).items()
        if parameters[name].default is inspect.Parameter.empty
    }
    return {name: _field(kind, required=name in required) for name, kind in input_type_types(arguments).items()}


def _field(annotation: Any, *, required: bool = False) -> Field:
    kind, choices = _known(annotation)
    if is_input_type(kind):
        return Field(kind=dict, required=required, fields=_fields(kind))
    match get_origin(kind):
        case origin if origin in (Mapping, dict):
            return Field(kind=dict, required=required, items=_field(get_args(kind)[1]))
        case origin if origin in (Sequence, list):
            return Field(kind=list, required=required, items=_field(get_args(kind)[0]))
        case _:
            return Field(kind=kind if kind in _SCALARS else object, required=required, choices=choices)


def _known(annotation: Any) -> tuple[Any, tuple[str | float, ...]]:
    """The kind beneath `Input` and `Optional`, and the values of an enumeration."""
    kind = unwrap_type(annotation)
    members = [kind]
    if get_origin(kind) in (Union, types.UnionType):
        # Text or an enumeration; the wrappers of inputs that stand behind them are generic, so no types.
        members = [one for one in get_args(kind) if isinstance(one, type) and one is not types.NoneType]
    for one in members:
        if isinstance(one, type) and issubclass(one, Enum):
            values = tuple(member.value for member in one)
            return type(values[0]), values
    return (members[0] if len(members) == 1 else object), ()


def _shape(annotation: Any) -> Shape:
    kind = unwrap_type(annotation)
    if is_output_type(kind):
        return Shape({name: _shape(of) for name, of in output_type_types(kind).items()})
    return Shape(is_map=get_origin(kind) in (Mapping, dict))
