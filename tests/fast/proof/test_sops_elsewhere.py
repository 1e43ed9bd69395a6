"""The keys of SOPS files on Google Cloud and Azure in the offline matrix. Golden: roles are a copied list."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import AzureSopsKey, AzureSopsKeyArgs, GcpSopsKey, GcpSopsKeyArgs
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.mutations import put
from tests.fast.proof.topologies import documents

MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
GRANT, ROLE = "azure-native:authorization:RoleAssignment", "azure-native:authorization:RoleDefinition"
EDITOR, APPLIER, ADMINISTRATOR = (f"{one} of SOPS files of prod" for one in ("editor", "applier", "administrator"))


def _gcp(name: str, prefix: str, environments: dict[str, Any]) -> None:
    arguments = GcpSopsKeyArgs(
        names=names_of(name, prefix, environments),
        administrators=[f"group:{name}-sops-administrators@example.com"],
        editors=[f"group:{name}-team@example.com"],
        appliers=[f"group:{name}-pipeline@example.com"],
    )
    GcpSopsKey(f"{name}-files", arguments)


def _ids(name: str) -> tuple[str, str]:
    editor, applier = (f"{len(name)}000000{digit}-0000-0000-0000-00000000000f" for digit in "12")
    return editor, applier


def _azure(name: str, prefix: str, environments: dict[str, Any]) -> None:
    editor, applier = _ids(name)
    arguments = AzureSopsKeyArgs(
        names=names_of(name, prefix, environments), editors={editor: "Group"}, appliers={applier: "Group"}
    )
    AzureSopsKey(f"{name}-files", arguments)


MAKERS = {"gke": _gcp, "aks": _azure}


@cache
def made(topology: str) -> Documents:
    return documents(topology, beside=MAKERS[topology])


def allowed(topology: str) -> set[tuple[str, str]]:
    return {
        (one.question.identity, one.question.action)
        for one in matrix(made(topology))
        if one.allowed and one.question.owner == "prod" and "sops" in one.question.action
    }


@pytest.mark.parametrize("topology", MAKERS)
def test_editors_write_and_appliers_open(topology: str) -> None:
    rows = matrix(made(topology))
    assert [row for row in rows if not row.right] == []
    found = {(who, what) for who, what in allowed(topology) if "SOPS" in who}
    managed = {(ADMINISTRATOR, "manage the sops key")} if topology == "gke" else set[tuple[str, str]]()
    used = {(EDITOR, "encrypt with the sops key"), (EDITOR, "decrypt with the sops key")}
    assert found == used | {(APPLIER, "decrypt with the sops key")} | managed
    # Azure has no role that manages keys and cannot use them.
    others = {who for who, _ in allowed(topology) if "SOPS" not in who}
    assert others == ({"administrator of prod"} if topology == "aks" else set())
    refused = {(one.question.identity, one.question.action) for one in rows if not one.allowed}
    for who in (EDITOR, EDITOR.replace("prod", "nonprod")):
        assert (who, "decrypt with the secrets key") in refused


WIDENED: dict[str, tuple[str, str, str, Callable[[dict[str, Any]], Any], str, str]] = {
    "an applier writes": (
        "gke",
        MEMBER,
        "prod-files-applier-group:prod-pipeline@example.com",
        put(role="roles/cloudkms.cryptoKeyEncrypterDecrypter"),
        APPLIER,
        "encrypt with the sops key",
    ),
    "an administrator opens": (
        "gke",
        MEMBER,
        "prod-files-admin-group:prod-sops-administrators@example.com",
        put(role="roles/cloudkms.cryptoKeyDecrypter"),
        ADMINISTRATOR,
        "decrypt with the sops key",
    ),
    "an editor on another key": (
        "gke",
        MEMBER,
        "prod-files-editor-group:prod-team@example.com",
        lambda one: one.update(cryptoKeyId=one["cryptoKeyId"].replace("-sops/cryptoKeys/sops", "/cryptoKeys/secrets")),
        "nobody known of prod",
        "decrypt with the secrets key",
    ),
    "everybody": (
        "gke",
        MEMBER,
        "prod-files-applier-group:prod-pipeline@example.com",
        put(member="allUsers"),
        EDITOR.replace("prod", "nonprod"),
        "decrypt with the sops key",
    ),
    "a role of appliers that writes": (
        "aks",
        ROLE,
        "prod-files-applier-role",
        lambda one: one["permissions"][0]["dataActions"].append("Microsoft.KeyVault/vaults/keys/encrypt/action"),
        APPLIER,
        "encrypt with the sops key",
    ),
    "an editor on the whole vault": (
        "aks",
        GRANT,
        f"prod-files-editor-{_ids('prod')[0]}",
        lambda one: one.update(scope=one["scope"].partition("/keys/")[0]),
        "nobody known of prod",
        "decrypt with the secrets key",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    topology, token, resource, change, identity, action = WIDENED[name]
    found = wrong(made(topology), token, resource, change)
    assert (identity, action) in {(one.identity, one.action) for one in found}
