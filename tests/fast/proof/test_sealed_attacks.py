"""Attacks on Sealed Secrets are tried exactly where the stack's output says that there are some."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bootstrap.canaries.planting import unsealed
from bootstrap.proof.sealed import attacks
from bootstrap.verification.environment import EnvironmentView

NAMES = {"canary": {"namespace": "secrets-bootstrap", "name": "canary"}, "operatorNamespace": "external-secrets"}


def view(**more: Any) -> EnvironmentView:
    """Its cluster cannot be reached: whoever asks it fails."""
    return cast(EnvironmentView, SimpleNamespace(name="prod", references={**NAMES, **more}))


def test_there_are_none_without_sealed_secrets() -> None:
    assert attacks(view()) == []
    with unsealed(view()):
        pass


@pytest.mark.parametrize(("namespaces", "elsewhere"), [(["apps"], False), (["apps", "web"], True)])
def test_another_namespace_is_tried_where_there_is_one(namespaces: list[str], elsewhere: bool) -> None:
    there = view(sealedSecrets={"namespace": "sealed-secrets", "namespaces": namespaces})
    names = [one.name for one in attacks(there)]
    assert len(set(names)) == len(names)
    assert "a SealedSecret is opened under another name" in names
    assert ("a SealedSecret is opened in another namespace" in names) is elsewhere
