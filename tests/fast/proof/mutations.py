"""Topologies with one resource changed, for tests that a change is seen."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from bootstrap.proof.offline.row import Row
from tests.fast.proof.topologies import documents

Change = Callable[[dict[str, Any]], object]
Case = tuple[Callable[[], Documents], str]
"""Changed documents, and the action that is then judged wrongly."""
KEY, ROLE, ROLE_POLICY = "aws:kms/key:Key", "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember"

shipped = cache(documents)


def wrong(found: Documents) -> list[Row]:
    return [row for row in matrix(found) if not row.right]


def mutated(topology: str, token: str, name: str, change: Change) -> Documents:
    """A topology with one resource changed."""
    return changed(shipped(topology), token, name, change)


def changed(documents: Documents, token: str, name: str, change: Change) -> Documents:
    found, hit = [], 0
    for seen in documents.resources:
        if (seen.token, seen.name) == (token, name):
            properties = json.loads(json.dumps(seen.properties))
            change(properties)
            found.append(Seen(token=seen.token, name=seen.name, properties=properties))
            hit += 1
        else:
            found.append(seen)
    assert hit == 1
    return Documents(found)


def policy(field: str, change: Callable[[Any], object]) -> Callable[[dict[str, Any]], None]:
    def apply(properties: dict[str, Any]) -> None:
        document = json.loads(properties[field])
        change(document)
        properties[field] = json.dumps(document)

    return apply


def statement(sid: str, change: Change) -> Callable[[Any], None]:
    def apply(document: Any) -> None:
        change(next(one for one in document["Statement"] if one["Sid"] == sid))

    return apply


def in_statement(sid: str, change: Change) -> Change:
    """A statement of a role's policy, changed."""
    return policy("policy", statement(sid, change))


def any_account(sid: str) -> Change:
    """A role whose trust compares no subject of a token."""

    def change(one: dict[str, Any]) -> None:
        compared = one["Condition"]["StringEquals"]
        del compared[next(key for key in compared if key.endswith(":sub"))]

    return policy("assumeRolePolicy", statement(sid, change))


def path_rule(path: str, *capabilities: str) -> Change:
    """A Vault policy with one more rule."""
    return policy("policy", lambda one: one["path"].update({path: {"capabilities": list(capabilities)}}))


def instead(field: str, old: str, new: str) -> Change:
    """A text with other words in it."""

    def change(one: dict[str, Any]) -> None:
        assert old in one[field]
        one[field] = one[field].replace(old, new)

    return change


def put(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda one: one.update(values)
