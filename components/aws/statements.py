"""What policies are made of: statements, documents, and the text that AWS takes."""

import json
from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]
Statement = dict[str, Any]


def to_json(document: Document) -> str:
    """The text that AWS gets: stable, so that an unchanged policy is no difference."""
    return json.dumps(document, sort_keys=True)


def allow(
    sid: str, actions: Sequence[str], resource: str | Sequence[str] | None, condition: dict[str, Any] | None
) -> Statement:
    """A statement that allows actions, on a resource and under a condition where there are any."""
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions)}
    if resource is not None:
        statement["Resource"] = resource
    if condition is not None:
        statement["Condition"] = condition
    return statement


def document(statements: Sequence[Statement]) -> Document:
    """A whole policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}
