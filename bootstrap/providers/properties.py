"""Property values as the engine sends them (protobuf structs), to and from plain Python values.

It owns the two marks that are not plain data: unknown values and secrets. It knows nothing of resources.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.struct_pb2 import ListValue, NullValue, Struct, Value

# Signatures of the engine: sdk/go/common/resource/plugin/rpc.go and sdk/go/common/resource/properties.go.
_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_MARKS = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)

Properties = dict[str, Any]


class Unknown:
    """A value that is known only after the update."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the state must hold encrypted. Its text form never shows the value."""

    value: Any

    def __repr__(self) -> str:
        return "<secret>"


class UnsupportedValueError(Exception):
    """The engine sent something that these providers do not take, such as an asset."""


def decode(struct: Struct) -> Properties:
    """Python values, with `UNKNOWN` and `Secret` where the engine marked them."""
    return {key: _decode(value) for key, value in struct.fields.items()}


def _decode(value: Value) -> Any:  # noqa: PLR0911
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWN_MARKS else value.string_value
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "list_value":
            return [_decode(item) for item in value.list_value.values]
        case "struct_value":
            fields = value.struct_value.fields
            if _SIGNATURE_KEY not in fields:
                return decode(value.struct_value)
            if fields[_SIGNATURE_KEY].string_value == _SECRET_SIGNATURE:
                return Secret(_decode(fields["value"]))
            raise UnsupportedValueError(
                "assets, archives and resource references are not supported by the offline providers"
            )
        case _:
            return None


def encode(properties: Mapping[str, Any]) -> Struct:
    """The struct for the engine. Properties that are None are left out, as the official providers do."""
    struct = Struct()
    for key, value in properties.items():
        if value is not None:
            struct.fields[key].CopyFrom(_encode(value))
    return struct


def _encode(value: Any) -> Value:  # noqa: PLR0911
    match value:
        case Unknown():
            return Value(string_value=_UNKNOWN_STRING)
        case Secret():
            return Value(struct_value=encode({_SIGNATURE_KEY: _SECRET_SIGNATURE, "value": value.value}))
        case None:
            return Value(null_value=NullValue.NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case int() | float():
            return Value(number_value=value)
        case str():
            return Value(string_value=value)
        case Mapping():
            return Value(struct_value=encode(value))
        case list() | tuple():
            return Value(list_value=ListValue(values=[_encode(item) for item in value]))
    raise TypeError(f"a provider returned a {type(value).__name__}, which is no property value")


def plain(value: Any) -> Any:
    """The value without its secret marks; unknown values stay."""
    match value:
        case Secret():
            return plain(value.value)
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
    return value


def seal_like(value: Any, marked: Any) -> Any:
    """`value` with a secret mark wherever `marked`, the same property elsewhere, has one.

    A value whose shape differs from `marked` cannot be matched part by part: it is sealed whole if there is any mark.
    """
    if not has_secret(marked) or isinstance(value, Secret):
        return value
    if isinstance(marked, Secret):
        return Secret(value)
    if isinstance(value, Mapping) and isinstance(marked, Mapping):
        return {key: seal_like(item, marked.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(marked, list) and len(value) == len(marked):
        return [seal_like(item, mark) for item, mark in zip(value, marked, strict=True)]
    return Secret(value)


def has_secret(value: Any) -> bool:
    match value:
        case Secret():
            return True
        case Mapping():
            return any(has_secret(item) for item in value.values())
        case list():
            return any(has_secret(item) for item in value)
    return False


def has_unknown(value: Any) -> bool:
    match value:
        case Unknown():
            return True
        case Secret():
            return has_unknown(value.value)
        case Mapping():
            return any(has_unknown(item) for item in value.values())
        case list():
            return any(has_unknown(item) for item in value)
    return False
