"""Every component has a page, and the page's tables are the component's arguments and outputs."""

import dataclasses
import inspect
import re
from collections.abc import Mapping

import pulumi
import pytest

import components
from tests.fast.docs.pages import DOCS, EXAMPLES, PAGES, section, table

EXPORTED = [getattr(components, name) for name in components.__all__ if inspect.isclass(getattr(components, name))]
COMPONENTS = [one for one in EXPORTED if issubclass(one, pulumi.ComponentResource)]
each_component = pytest.mark.parametrize("component", COMPONENTS, ids=lambda one: one.__name__)


def page_of(component: type) -> str:
    file = re.sub(r"(?<!^)(?=[A-Z])", "-", component.__name__).lower()
    return (PAGES / "components" / f"{file}.md").read_text()


@each_component
def test_inputs(component: type) -> None:
    arguments = inspect.signature(component.__init__).parameters["args"].annotation
    text = section(page_of(component), "Inputs")
    assert f"`{arguments.__name__}`" in text
    rows = table(text)
    assert list(rows) == [field.name for field in dataclasses.fields(arguments)]
    for field in dataclasses.fields(arguments):
        default = rows[field.name][1]
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        assert (default == "required") == required
        if field.default_factory is not dataclasses.MISSING and isinstance(field.default_factory(), Mapping):
            assert default == "`{}`"
        elif field.default is None:
            assert default == "none"
        elif isinstance(field.default, int | str | tuple):
            assert default == f"`{field.default}`"


@each_component
def test_outputs(component: type) -> None:
    outputs = [name for name in inspect.get_annotations(component) if not name.startswith("_")]
    assert list(table(section(page_of(component), "Outputs"))) == outputs


@each_component
def test_the_other_sections(component: type) -> None:
    page = page_of(component)
    assert page.startswith(f"# {component.__name__}\n")
    for heading in ("Creates", "Errors", "Example", "Sources"):
        assert section(page, heading).strip()
    assert '--8<-- "docs/examples/' in section(page, "Example")


def test_every_example_is_on_a_page() -> None:
    text = "\n".join(page.read_text() for page in PAGES.rglob("*.md"))
    shown = set(re.findall(r'--8<-- "docs/examples/(\S+)"', text))
    assert shown == {example.name for example in EXAMPLES.glob("*.py")}


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r"(\S+\.md)$", (DOCS / "mkdocs.yml").read_text(), re.MULTILINE))
    assert named == {str(page.relative_to(PAGES)) for page in PAGES.rglob("*.md")}
