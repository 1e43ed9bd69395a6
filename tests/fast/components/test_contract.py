"""What holds for every component: its token, its children's parents and names, its outputs, its errors."""

import dataclasses
import inspect
from pathlib import Path

import pulumi
import pytest

import components
from components import ConfigError
from components.arguments import Arguments
from tests.fast.components.components_under_test import CASES, Case
from tests.fast.components.mock_engine import Recording, run

each_component = pytest.mark.parametrize("case", CASES, ids=lambda case: case.component)
PROVIDERS = "pulumi:providers:"


def descendants(recording: Recording, urn: str) -> set[str]:
    """URNs of everything below a resource."""
    below = {one.urn for one in recording.resources.values() if one.parent == urn}
    return below.union(*(descendants(recording, child) for child in below))


def test_every_component_is_under_test() -> None:
    exported = {name for name in components.__all__ if inspect.isclass(getattr(components, name))}
    built = {name for name in exported if issubclass(getattr(components, name), pulumi.ComponentResource)}
    assert built == {case.component for case in CASES}


@each_component
def test_token_children_and_outputs(case: Case) -> None:
    recording = run(lambda: case.create("it"))
    component = recording.named("it")
    assert component.token == f"secrets-bootstrap:index:{case.component}"
    assert component.outputs, "register_outputs was not called, or with nothing"
    below = descendants(recording, component.urn)
    assert below
    for one in recording.resources.values():
        if not one.token.startswith(PROVIDERS) and one.urn != component.urn:
            assert one.urn in below, f"{one.name} is no child"
            assert one.name.startswith("it-")
    assert recording.invokes == []


@each_component
def test_children_stay_below_a_component_that_is_given_a_parent(case: Case) -> None:
    def program() -> None:
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        case.create("it", pulumi.ResourceOptions(parent=parent))

    recording = run(program)
    component = recording.named("it")
    assert component.parent == recording.named("parent").urn
    children = {one.urn for one in recording.resources.values() if one.name.startswith("it-")}
    assert children <= descendants(recording, component.urn)


@each_component
def test_a_preview_knows_every_resource(case: Case) -> None:
    """Nothing is created inside an apply, whose body does not run while outputs are unknown."""
    assert (
        run(lambda: case.create("it"), preview=True).resources.keys() == run(lambda: case.create("it")).resources.keys()
    )


@each_component
def test_arguments_are_frozen_and_refuse_unknown_and_missing_keys(case: Case) -> None:
    made: list[Arguments] = []
    run(lambda: made.append(case.arguments()))
    (arguments,) = made
    values = {field.name: getattr(arguments, field.name) for field in dataclasses.fields(arguments)}
    kind = type(arguments)
    assert kind.parse(values) == arguments
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(arguments, next(iter(values)), None)

    first = next(iter(values))
    with pytest.raises(
        ConfigError, match=rf"{kind.__name__}\.{first}x: is not a known field\n  mend: did you mean {first}"
    ):
        kind.parse({**values, f"{first}x": 1})
    with pytest.raises(ConfigError, match=rf"{kind.__name__}\.{first}: is missing\n  mend: "):
        kind.parse({name: value for name, value in values.items() if name != first})


@each_component
def test_components_are_small_and_documented(case: Case) -> None:
    component = getattr(components, case.component)
    lines, _ = inspect.getsourcelines(component.__init__)
    assert len(lines) <= 80
    assert len(Path(inspect.getfile(component)).read_text().splitlines()) <= 300
    documentation = inspect.getdoc(component) or ""
    assert "Output" in documentation
    arguments = inspect.signature(component.__init__).parameters["args"].annotation
    for field in dataclasses.fields(arguments):
        assert field.name in (inspect.getdoc(arguments) or ""), f"{arguments.__name__}.{field.name} is not documented"
