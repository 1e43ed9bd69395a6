"""Policy documents that callers hand in: well-formed, and naming only principals that exist, as AWS demands."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bootstrap.localcloud.aws.answers import AwsError
from bootstrap.localcloud.aws.cloud import Cloud
from bootstrap.localcloud.aws.engine import PolicyEngine
from bootstrap.localcloud.aws.wire import ACCOUNT

_ROOTS = {"*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"}
_OPERATOR = re.compile(
    r"(?:(?:ForAllValues:|ForAnyValue:)?"
    r"(?:String(?:Not)?Equals(?:IgnoreCase)?|String(?:Not)?Like|Arn(?:Not)?(?:Equals|Like)|Bool|BinaryEquals"
    r"|(?:Not)?IpAddress|(?:Numeric|Date)(?:Not)?Equals|(?:Numeric|Date)(?:Less|Greater)Than(?:Equals)?)"
    r"(?:IfExists)?|Null)",
    re.IGNORECASE,
)
_PRINCIPAL = re.compile(
    rf"arn:aws:(?:iam::{ACCOUNT}:(?P<kind>role|user)/(?:[^/]+/)*(?P<name>[^/]+)"
    rf"|sts::{ACCOUNT}:assumed-role/(?P<role>[^/]+)/[^/]+)"
)


class Documents:
    """Checks documents against the evaluator's grammar and against the principals in the cloud."""

    def __init__(self, cloud: Cloud, engine: PolicyEngine) -> None:
        self._cloud = cloud
        self._engine = engine

    def require(self, text: str, kind: str, code: str) -> dict[str, Any]:
        """The document, or a refusal under the service's own `code`. `kind`: identity, resource or trust."""
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise AwsError(code, "The policy is not a JSON object.")
        faults = self._engine.faults(kind, document) or list(_more_faults(document, kind))
        if faults:
            raise AwsError(code, f"Syntax errors in policy: {faults[0]}")
        for principal in _aws_principals(document):
            if not self._exists(principal):
                raise AwsError(code, f"Policy contains a statement with one or more invalid principals: {principal}")
        return document

    def _exists(self, principal: str) -> bool:
        if principal in _ROOTS:
            return True
        match = _PRINCIPAL.fullmatch(principal)
        if match is None:
            return False
        if match["role"]:
            return self._cloud.role(match["role"]) is not None
        holder = self._cloud.role(match["name"]) if match["kind"] == "role" else self._cloud.user(match["name"])
        return holder is not None and holder.arn == principal


def _more_faults(document: dict[str, Any], kind: str) -> Iterator[str]:
    """What the evaluator takes and AWS does not; a condition that nobody understands must never be passed over."""
    for statement in _statements(document):
        if kind != "identity" and not statement.keys() & {"Principal", "NotPrincipal"}:
            yield "Missing required field Principal"
        for operator in statement.get("Condition", {}):
            if _OPERATOR.fullmatch(operator) is None:
                yield f"Invalid Condition type : {operator}"


def is_public(document: dict[str, Any]) -> bool:
    """Whether a policy lets in anybody at all: an Allow to `*` that no condition narrows."""
    return any(
        statement.get("Effect") == "Allow" and "*" in list(_of_statement(statement)) and not statement.get("Condition")
        for statement in _statements(document)
    )


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _aws_principals(document: dict[str, Any]) -> Iterator[str]:
    for statement in _statements(document):
        yield from _of_statement(statement)


def _of_statement(statement: dict[str, Any]) -> Iterator[str]:
    for element in ("Principal", "NotPrincipal"):
        principal = statement.get(element)
        if principal == "*":
            yield "*"
        elif isinstance(principal, dict):
            named = principal.get("AWS", [])
            yield from [named] if isinstance(named, str) else named
