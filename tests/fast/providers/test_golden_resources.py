"""Every resource that the components and stacks create, with all its inputs, is taken by the offline providers."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties, Secret
from bootstrap.providers.registry import provider
from bootstrap.providers.table import TableProvider
from tests.fast.providers.conftest import SUBSCRIPTION
from tests.fast.providers.driver import Driver

GOLDEN = sorted(Path("tests/fast/components/__snapshots__").resolve().rglob("*.json"))
CONFIG = {"azure-native": {"subscriptionId": SUBSCRIPTION}}
DRIVERS = {
    name: Driver(provider(name), CONFIG.get(name))
    for name in ("aws", "azure-native", "gcp", "kubernetes", "tls", "localcloud", "vault")
}


def recorded() -> list[Any]:
    found: dict[str, Any] = {}
    for file in GOLDEN:
        golden = json.loads(file.read_text())
        for resource in golden if isinstance(golden, list) else ():  # a mapping is not for the offline providers
            package = resource["token"].split(":")[0]
            if package in DRIVERS:
                found.setdefault(f"{file.stem}:{resource['name']}:{resource['token']}", resource)
    return [pytest.param(resource["token"], unmarked(resource["inputs"]), id=key) for key, resource in found.items()]


def unmarked(value: Any) -> Any:
    """The golden files write a secret as an object with one key."""
    if isinstance(value, dict):
        if set(value) == {"(secret)"}:
            return Secret(unmarked(value["(secret)"]))
        return {key: unmarked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unmarked(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_kept(state: Any, inputs: Any) -> bool:
    """Whether the state says what was asked for, and perhaps more. A set of names comes back as the keys of a map."""
    if isinstance(state, dict) and isinstance(inputs, dict):
        return all(key in state and is_kept(state[key], value) for key, value in inputs.items())
    return list(state) == inputs if isinstance(state, dict) else state == inputs


def test_there_are_golden_files() -> None:
    assert len(GOLDEN) >= 4


@pytest.mark.parametrize(("token", "inputs"), recorded())
def test_a_resource_of_the_components(token: str, inputs: Properties) -> None:
    driver = DRIVERS[token.split(":", maxsplit=1)[0]]
    assert driver.check(token, inputs) == {}
    assert driver.changed(token, inputs, inputs) == {}
    _, state = driver.create(token, inputs, preview=True)
    assert is_kept(state, inputs)
    mistyped = driver.check(token, {**inputs, "naem": "x"})
    assert token.split(":")[1] not in CLOSED or "naem" in mistyped


CLOSED = {"core/v1", "rbac.authorization.k8s.io/v1", "helm.sh/v3", "index", "index/privateKey"} | {
    token.split(":")[1]
    for name in ("aws", "vault")
    for token in provider(name).resources  # pyright: ignore[reportAttributeAccessIssue]
}


@pytest.mark.parametrize(
    "token",
    [token for name in ("aws", "tls", "vault") for token in provider(name).resources],  # pyright: ignore[reportAttributeAccessIssue]
)
def test_names_are_those_of_the_sdk(token: str) -> None:
    """Inputs and outputs carry the names of the Pulumi schema: a wrong one would be dropped silently by the SDK."""
    package, module, name = token.split(":")
    folder = module.split("/")[0].replace("index", "")
    sdk = importlib.import_module(".".join(filter(None, (f"pulumi_{package}", folder))))
    table = provider(package)
    assert isinstance(table, TableProvider)
    resource = table.resources[token]
    outputs = _getters(getattr(sdk, name))
    assert set(resource.fields) | set(resource.computed) <= outputs
    # Where a nested type of another resource has the name, the SDK calls the arguments so.
    arguments = getattr(sdk, f"{name}InitArgs", None) or getattr(sdk, f"{name}Args")
    assert set(resource.fields) <= _getters(arguments)
    assert resource.secret_outputs <= outputs
    _nested(resource.fields, sdk, name)


def _nested(fields: Any, sdk: Any, name: str) -> None:
    known: Field
    for field, known in fields.items():
        if known.fields:
            part = f"{name}{field[0].upper()}{field[1:]}"
            assert set(known.fields) <= _getters(getattr(sdk, f"{part}Args"))
            _nested(known.fields, sdk, part)


def _getters(of: type) -> set[str]:
    getters = {name: value for one in of.__mro__ for name, value in vars(one).items() if isinstance(value, property)}
    return {getattr(value.fget, "_pulumi_name", name) for name, value in getters.items()}
