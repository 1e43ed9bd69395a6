"""The pages of the configuration have every field of the models, and say of each what the models say."""

import enum
import json
import re
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from components import BootstrapConfig
from tests.fast.docs.pages import PAGES, section, table

PAGE = "\n".join(page.read_text() for page in sorted((PAGES / "configuration").glob("*.md")))
WORDS: dict[Any, str] = {str: "text", int: "integer", bool: "boolean", tuple: "list", dict: "mapping"}


def models(root: Any) -> Iterator[type[BaseModel]]:
    """Every model that can be reached from an annotation."""
    if isinstance(root, type) and issubclass(root, BaseModel):
        yield root
        for field in root.model_fields.values():
            yield from models(field.annotation)
    else:
        for argument in get_args(root):
            yield from models(argument)


MODELS = sorted(set(models(BootstrapConfig)), key=lambda model: model.__name__)
FIELDS = [(model, name, field) for model in MODELS for name, field in model.model_fields.items()]


def bare(annotation: Any) -> list[Any]:
    """The alternatives of an annotation, without None and without what Annotated adds."""
    if hasattr(annotation, "__metadata__"):
        return bare(annotation.__origin__)
    if get_origin(annotation) in (Union, types.UnionType):
        return [one for argument in get_args(annotation) for one in bare(argument) if one is not type(None)]
    return [annotation]


def expected_type(field: FieldInfo) -> str:
    """How the type's cell must begin."""
    alternatives = bare(field.annotation)
    first = alternatives[0]
    if isinstance(first, type) and issubclass(first, BaseModel):
        return " or ".join(f"[{one.__name__}](#{one.__name__.lower()})" for one in alternatives)
    if get_origin(first) is Literal or (isinstance(first, type) and issubclass(first, enum.StrEnum)):
        return WORDS[str]
    return WORDS[get_origin(first) or first]


def expected_default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default is None:
        return "none"
    if isinstance(default, BaseModel):
        return "its defaults"
    return f"`{json.dumps(default)}`"


def bounds(annotation: Any, metadata: list[Any]) -> Iterator[int]:
    """Numbers that the rule has to mention: limits of the value or of its length."""
    for one in (*metadata, *getattr(annotation, "__metadata__", ())):
        inner = getattr(one, "metadata", None)
        for limit in (one, *(inner if isinstance(inner, list) else ())):
            for name in ("ge", "le", "min_length", "max_length"):
                if getattr(limit, name, None) is not None:
                    yield getattr(limit, name)
    for argument in get_args(annotation):
        yield from bounds(argument, [])


def words_of(field: FieldInfo) -> list[str]:
    """Words that the rule has to mention: those that an enumeration or a literal allows."""
    for one in bare(field.annotation):
        if get_origin(one) is Literal:
            return list(get_args(one))
        if isinstance(one, type) and issubclass(one, enum.StrEnum):
            return [str(member) for member in one]
    return []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_page_has_exactly_the_fields(model: type[BaseModel]) -> None:
    assert list(table(section(PAGE, model.__name__))) == [field.alias for field in model.model_fields.values()]


@pytest.mark.parametrize(("model", "name", "field"), FIELDS, ids=[f"{m.__name__}.{n}" for m, n, _ in FIELDS])
def test_a_field_is_described_as_it_is(model: type[BaseModel], name: str, field: FieldInfo) -> None:
    kind, default, rule = table(section(PAGE, model.__name__))[field.alias or name]
    # A link may lead to another of the pages.
    assert re.sub(r"\(\w+\.md#", "(#", kind).startswith(expected_type(field))
    assert default == expected_default(field)
    for limit in bounds(field.annotation, field.metadata):
        assert re.search(rf"\b{limit}\b", rule) or (limit == 1 and "Not empty" in rule), f"{limit} is not said"
    for word in words_of(field):
        assert f"`{word}`" in rule


def test_no_section_is_left_over() -> None:
    headings = set(re.findall(r"^## (\w+Config|\w+Keys)$", PAGE, re.MULTILINE))
    assert headings == {model.__name__ for model in MODELS}
