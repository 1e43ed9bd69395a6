"""Broken rules, as pydantic wants them raised: the configuration and the components' arguments have these in common."""

from collections.abc import Collection, Sequence

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

FAULT = "secrets_bootstrap"
"""The type of those of pydantic's errors that are the library's own."""


def fault(reason: str, mend: str, field: str = "") -> PydanticCustomError:
    """A broken rule. `field` is the path below whoever found it."""
    return PydanticCustomError(FAULT, "{reason}", {"reason": reason, "mend": mend, "field": field})


def _check_distinct(values: Sequence[str] | None) -> Sequence[str] | None:
    seen: set[str] = set()
    for index, value in enumerate(values or ()):
        if value in seen:
            raise fault("is there twice", "keep one of them", str(index))
        seen.add(value)
    return values


def _check_no_text(values: Collection[str]) -> Collection[str]:
    if isinstance(values, str):
        raise fault("is one text", "write a list")
    return values


Distinct = AfterValidator(_check_distinct)
"""A validator: a list has each of its texts once."""
NoText = AfterValidator(_check_no_text)
"""A validator: a collection of texts is not one text, which is a collection of letters."""
