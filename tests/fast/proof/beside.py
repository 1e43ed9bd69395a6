"""A topology with components that stand beside its environments, and what is wrong once one resource is changed."""

from typing import Any

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from bootstrap.proof.offline.row import Question
from components import parse_config
from tests.fast.proof.mutations import Change, changed


def names_of(name: str, prefix: str, environments: dict[str, Any]) -> Any:
    """The environment's names."""
    return parse_config({"prefix": prefix, "environments": environments}).names(name)


def wrong(documents: Documents, token: str, name: str, change: Change, *, allowed: bool = True) -> list[Question]:
    """The questions that are answered wrongly once a resource is changed."""
    rows = matrix(changed(documents, token, name, change))
    return [one.question for one in rows if one.allowed is allowed and not one.right]
