"""Environments without a secret manager, for tests to use and to spoil."""

from typing import Any


def environment(**changes: Any) -> dict[str, Any]:
    """One environment as it stands in YAML."""
    return {"namespaces": ["apps", "web"], "sealedSecrets": {"namespaces": ["apps"], "firstKey": "state"}, **changes}


def configuration(**environments: dict[str, Any]) -> dict[str, Any]:
    """A whole configuration; by default with `prod` alone."""
    return {"prefix": "platform", "sealedEnvironments": environments or {"prod": environment()}}
