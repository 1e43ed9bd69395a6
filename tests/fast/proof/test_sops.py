"""The key of SOPS files in the offline matrix: its editors and appliers, in its own environment's name, and nobody."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import AwsSopsKey, AwsSopsKeyArgs
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.mutations import KEY, policy, statement
from tests.fast.proof.topologies import documents

CONTEXT = "kms:EncryptionContext:environment"


@cache
def made() -> Documents:
    def make(name: str, prefix: str, environments: dict[str, Any]) -> None:
        names = names_of(name, prefix, environments)
        administrator, editor, pipeline = (names.role_arn(one) for one in ("keys", "team", "pipeline"))
        arguments = AwsSopsKeyArgs(names=names, administrators=[administrator], editors=[editor], appliers=[pipeline])
        AwsSopsKey(f"{name}-files", arguments)

    return documents("eks", beside=make)


def test_editors_write_and_appliers_open_in_the_environments_name() -> None:
    rows = matrix(made())
    assert [row for row in rows if not row.right] == []
    used = {"encrypt with the sops key", "decrypt with the sops key"}
    mine = [one for one in rows if one.question.owner == "prod"]
    assert {(one.question.identity, one.question.action) for one in mine if one.allowed} & {
        (one.question.identity, action) for one in rows for action in used
    } == {
        ("editor of SOPS files of prod", "encrypt with the sops key"),
        ("editor of SOPS files of prod", "decrypt with the sops key"),
        ("applier of SOPS files of prod", "decrypt with the sops key"),
    }
    refused = {(one.question.identity, one.question.action) for one in mine if not one.allowed}
    for identity in ("operator of prod", "administrator of prod", "writer of prod", "another principal of prod"):
        assert (identity, "decrypt with the sops key") in refused
    for editor in ("editor of SOPS files of prod", "editor of SOPS files of nonprod"):
        assert (editor, "open a SOPS file of nonprod with this key") in refused
        assert (editor, "decrypt with the secrets key") in refused


def anybody(one: dict[str, Any]) -> None:
    one["Principal"] = {"AWS": ["arn:aws:iam::111122223333:root"]}


WIDENED: dict[str, tuple[str, Callable[[dict[str, Any]], Any], str, str]] = {
    "no context": (
        "EditorsEncryptAndOpen",
        lambda one: one["Condition"]["StringEquals"].pop(CONTEXT),
        "editor of SOPS files of prod",
        "open a SOPS file of nonprod with this key",
    ),
    "another context too": (
        "AppliersOpen",
        lambda one: one["Condition"]["StringEquals"].update({CONTEXT: ["prod", "nonprod"]}),
        "applier of SOPS files of prod",
        "open a SOPS file of nonprod with this key",
    ),
    "appliers write": (
        "AppliersOpen",
        lambda one: one["Action"].append("kms:Encrypt"),
        "applier of SOPS files of prod",
        "encrypt with the sops key",
    ),
    "administrators open": (
        "Administration",
        lambda one: one["Action"].append("kms:Decrypt"),
        "administrator of SOPS files of prod",
        "decrypt with the sops key",
    ),
    "the whole account": ("EditorsEncryptAndOpen", anybody, "another principal of prod", "decrypt with the sops key"),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    sid, change, identity, action = WIDENED[name]
    found = wrong(made(), KEY, "prod-files-key", policy("policy", statement(sid, change)))
    assert (identity, action) in {(one.identity, one.action) for one in found}
