"""What the arguments of all components share: a check of their types, and one way in from plain mappings.

Errors say how to mend them, and repeat no value.
"""

import difflib
import functools
import inspect
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import MISSING, InitVar, dataclass, fields
from typing import Annotated, Any, ParamSpec, Self, TypeVar, get_type_hints

import pulumi
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError, create_model
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from .errors import ConfigError, Problem
from .faults import FAULT, Distinct, NoText
from .forms import Form

P = ParamSpec("P")
R = TypeVar("R")

# A text that is there twice in a field would be two children of one name, or a difference in every refresh.
_OF_FIELDS: Mapping[Any, Any] = {
    Sequence[str]: Annotated[Sequence[str], Distinct],
    Sequence[str] | None: Annotated[Sequence[str] | None, Distinct],
    Mapping[str, Sequence[str]]: Mapping[str, Annotated[Sequence[str], Distinct]],
    Collection[str]: Annotated[Collection[str], NoText],
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """A function that raises ConfigError for arguments of another type than it is annotated with."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def check(*args: P.args, **kwargs: P.kwargs) -> R:
        _require_types(function, signature.bind(*args, **kwargs).arguments)
        return function(*args, **kwargs)

    return check


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """Base of the frozen, keyword-only arguments of a component. Raises ConfigError for values of another type."""

    def __init_subclass__(cls) -> None:
        """A class' own rules come after the check of types, and may rely on it."""
        rules = cls.__dict__.get("__post_init__")
        if rules is not None:

            @functools.wraps(rules)
            def check(self: Arguments, *init_only: Any) -> None:
                _require_types(type(self), vars(self))
                rules(self, *init_only)

            cls.__post_init__ = check

    def __post_init__(self, *_: Any) -> None:
        _require_types(type(self), vars(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Arguments inside of others were checked when they were made."""
        return core_schema.is_instance_schema(cls)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """The same arguments from a mapping. Raises ConfigError for a key that is unknown or missing."""
        known = {field.name: field for field in fields(cls)}
        for key in values:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                mend = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(known))}"
                raise ConfigError(f"{cls.__name__}.{key}", "is not a known field", mend)
        for name, field in known.items():
            if name not in values and field.default is MISSING and field.default_factory is MISSING:
                raise ConfigError(f"{cls.__name__}.{name}", "is missing", "give this field a value")
        return cls(**values)

    def require(self, holds: bool, field: str, reason: str, mend: str) -> None:
        """Raise a ConfigError about one field of these arguments unless a rule holds."""
        if not holds:
            raise ConfigError(f"{type(self).__name__}.{field}", reason, mend)

    def require_form(self, field: str, value: pulumi.Input[str], *forms: Form) -> None:
        """Raise a ConfigError unless a text has these forms. What becomes known only later is not looked at."""
        if isinstance(value, str):
            for form in forms:
                form.require(f"{type(self).__name__}.{field}", value)

    def require_distinct(self, values: Mapping[str, Hashable | None], reason: str, mend: str) -> None:
        """Raise a ConfigError about the second of two fields that have one value. None may be there many times."""
        seen: set[Hashable] = set()
        for field, value in values.items():
            self.require(value is None or value not in seen, field, reason, mend)
            seen.add(value)

    def require_timeout(self, seconds: int, *, least: int = 10) -> None:
        """Raise a ConfigError unless `timeout_seconds` is from `least` to 3600."""
        self.require(least <= seconds <= 3600, "timeout_seconds", f"is not from {least} to 3600", "300 is usual")


@functools.cache
def _types_of(annotated: Any) -> type[BaseModel]:
    """The types of a class' fields or a function's parameters. They are compared only: nothing is converted."""
    # `pulumi.Input[…]` ends with the text "Output[T]", whose names are not where it is used.
    hints = get_type_hints(annotated, localns={"Output": pulumi.Output, "T": Any}, include_extras=True)
    stricter: Mapping[Any, Any] = _OF_FIELDS if isinstance(annotated, type) else {}
    given: dict[str, Any] = {
        name: (stricter.get(hint, hint), None) for name, hint in hints.items() if not isinstance(hint, InitVar)
    }
    return create_model("Types", __config__=ConfigDict(arbitrary_types_allowed=True, strict=True), **given)


def _require_types(annotated: Any, values: Mapping[str, Any]) -> None:
    try:
        _types_of(annotated).model_validate(values)
    except ValidationError as error:
        problems: dict[str, Problem] = {}
        for details in error.errors(include_url=False, include_input=False):
            problem = _problem(annotated.__name__, values, details)
            problems.setdefault(problem.field, problem)
        raise ConfigError.of(problems.values()) from None


def _problem(owner: str, values: Mapping[str, Any], details: ErrorDetails) -> Problem:
    context = details.get("ctx", {})
    field = ".".join([owner, *_path(values, details["loc"])])
    if details["type"] == FAULT:
        return Problem(f"{field}.{context['field']}".rstrip("."), context["reason"], context["mend"])
    if details["type"] == "sequence_str":
        return Problem(field, "is one text", "write a list")
    return Problem(field, f"is not {details['msg'].removeprefix('Input should be ')}", "give a value of this type")


def _path(value: Any, location: Sequence[int | str]) -> Iterator[str]:
    """The way to a value, without what pydantic adds behind it: which of several types it has compared."""
    for part in location:
        try:
            value = value[part]
        except (IndexError, KeyError, TypeError):
            return
        yield str(part)
