"""The data of Kubernetes Secrets: a policy is shown values in plain text, so it mends and says nothing of them."""

from collections.abc import Mapping
from typing import Any

from pulumi_policy import Secret

_FIELDS = ("data", "stringData")


def sealed(token: str, properties: Mapping[str, Any]) -> dict[str, Any] | None:
    """The properties with all data marked as secret, or None if there is nothing to mark.

    What is marked already comes unwrapped, and is marked again.
    """
    given = [field for field in _FIELDS if properties.get(field)]
    if token != "kubernetes:core/v1:Secret" or not given:  # noqa: S105 - a type token
        return None
    return {**properties, **{field: Secret(dict(properties[field])) for field in given}}
