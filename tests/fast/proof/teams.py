"""Topologies with teams in their configuration, as they are and with some of their resources changed."""

from collections.abc import Callable
from functools import cache
from typing import Any

from bootstrap.proof.offline.documents import Documents
from components import IdentityKind
from tests.fast.components import samples_teams
from tests.fast.proof import mutations
from tests.fast.proof.mutations import Change
from tests.fast.proof.topologies import documents

Case = tuple[Callable[[], Documents], str, str]
"""Changed documents, and whose action is then judged wrongly."""


def with_teams(environments: dict[str, Any]) -> None:
    for one in environments.values():
        kind = one["identity"]["kind"]  # Pod Identity has no teams
        given = samples_teams.configured(IdentityKind.IRSA if kind == "podIdentity" else IdentityKind(kind))
        one.update(
            teams=given["teams"],
            sharedPrefixes=given["sharedPrefixes"],
            identity={**one["identity"], **given["identity"]},
            secrets={**given["secrets"], **one["secrets"]},
        )


@cache
def made(topology: str) -> Documents:
    return documents(topology, with_teams)


def changed(topology: str, *changes: tuple[str, str, Change]) -> Callable[[], Documents]:
    """What makes a topology with some of its resources changed."""

    def build() -> Documents:
        found = made(topology)
        for token, name, change in changes:
            found = mutations.changed(found, token, name, change)
        return found

    return build


def wrong(found: Documents, *, too_much: bool) -> set[tuple[str, str]]:
    return {(one.question.identity, one.question.action) for one in mutations.wrong(found) if one.allowed is too_much}
