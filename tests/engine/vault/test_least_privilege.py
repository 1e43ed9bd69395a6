"""Every capability of the policies in Vault is needed, and any other would be said to be unneeded: Vault itself judges.

That these are the calls of the real operator is seen in the audit log of a running stack (`tests/cluster/vault`).
"""

import base64
import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hvac
import hvac.exceptions
import pytest
from hvac.exceptions import Forbidden

from components.tenants import VaultKeyStore
from components.tenants.names import associated_data
from components.vault.policies import Document, node_policy, operator_policy, to_json, writers_policy
from components.vault.tenant_policies import tenant_policy, tenants_administrator_policy
from tests.engine.vault.server import Vault

MOUNT, TRANSIT = "platform/least/secrets", "platform/least/transit"
MANAGED = {"custom_metadata": {"managed-by": "external-secrets"}}
GRANTS = ("create", "delete", "list", "patch", "read", "sudo", "update")
Work = Callable[[Vault, str], None]


@pytest.fixture(scope="module", autouse=True)
def engines(vault: Vault) -> None:
    vault.root.sys.enable_secrets_engine("kv", path=MOUNT, options={"version": "2"})
    vault.root.sys.enable_secrets_engine("transit", path=TRANSIT)
    vault.root.write_data(f"{TRANSIT}/keys/etcd")
    for _ in range(100):  # a kv engine is upgraded for a moment
        try:
            _fresh(vault, "database")
        except hvac.exceptions.InvalidRequest:
            continue
        return


def _fresh(vault: Vault, name: str) -> None:
    """A container as the component makes it: there, and empty; the database has a value."""
    vault.root.delete(f"{MOUNT}/metadata/{name}")
    vault.root.write_data(f"{MOUNT}/metadata/{name}", data=MANAGED)
    if name == "database":
        vault.root.write_data(f"{MOUNT}/data/{name}", data={"data": {"value": "hidden"}})


def _operator(vault: Vault, policy: str) -> None:
    """A sync, and two PushSecrets into the canary, the first of an empty one."""
    _fresh(vault, "canary")
    client = vault.token_of(policy)
    client.auth.token.lookup_self()
    client.read(f"{MOUNT}/data/database")
    for value in ("one", "two"):
        client.read(f"{MOUNT}/data/canary")
        client.read(f"{MOUNT}/metadata/canary")
        client.write_data(f"{MOUNT}/metadata/canary", data=MANAGED)
        client.write_data(f"{MOUNT}/data/canary", data={"data": {"value": value}})
    client.auth.token.revoke_self()


def _writer(vault: Vault, policy: str) -> None:
    """A first value, a second one, and a change of one field of it."""
    _fresh(vault, "mail")
    client = vault.token_of(policy)
    for value in ("one", "two"):
        client.write_data(f"{MOUNT}/data/mail", data={"data": {"value": value}})
    client.adapter.request(
        "patch",
        f"/v1/{MOUNT}/data/mail",
        headers={"Content-Type": "application/merge-patch+json"},
        json={"data": {"user": "x"}},
    )


def _node(vault: Vault, policy: str) -> None:
    """What the KMS plugin of etcd does."""
    client = vault.token_of(policy)
    client.auth.token.lookup_self()
    client.auth.token.renew_self()
    client.read(f"{TRANSIT}/keys/etcd")
    sealed: Any = client.write_data(f"{TRANSIT}/encrypt/etcd", data={"plaintext": "aGlkZGVu"})
    client.write_data(f"{TRANSIT}/decrypt/etcd", data={"ciphertext": sealed["data"]["ciphertext"]})


def _tenant(vault: Vault, policy: str) -> None:
    """What EnvelopeCipher does."""
    client, bound = vault.token_of(policy), {"associated_data": base64.b64encode(associated_data("acme")).decode()}
    vault.root.write_data(f"{TRANSIT}/keys/tenant-acme")
    sealed: Any = client.write_data(f"{TRANSIT}/encrypt/tenant-acme", data={"plaintext": "aGlkZGVu", **bound})
    ciphertext = sealed["data"]["ciphertext"]
    client.write_data(f"{TRANSIT}/decrypt/tenant-acme", data={"ciphertext": ciphertext, **bound})


def _administrator(vault: Vault, policy: str) -> None:
    """What VaultKeyStore does for who manages a tenant's key."""
    vault.root.write_data(f"{TRANSIT}/keys/tenant-acme")
    store = VaultKeyStore(client=vault.token_of(policy), mount=TRANSIT)
    store.rotate("acme")
    store.retire("acme")
    store.shred("acme")


@dataclass(frozen=True)
class Holder:
    """Who has a policy, and what he does in his work."""

    vault: Vault
    generated: Document
    work: Work

    def works(self, document: Document) -> bool:
        self.vault.root.sys.create_or_update_acl_policy("least", to_json(document))
        try:
            self.work(self.vault, "least")
        except Forbidden:
            return False
        return True

    def unneeded(self, document: Document) -> set[tuple[str, str]]:
        """The capabilities, with their path, without which the work is done all the same."""
        return {
            (path, capability)
            for path, rule in document["path"].items()
            for capability in rule["capabilities"]
            if capability in GRANTS and self.works(_with(document, path, set(rule["capabilities"]) - {capability}))
        }


def _with(document: Document, path: str, capabilities: set[str]) -> Document:
    """The same with other capabilities on a path."""
    changed: Any = copy.deepcopy(dict(document))
    changed["path"][path]["capabilities"] = sorted(capabilities) or ["deny"]
    return changed


@pytest.fixture(
    params=[
        (operator_policy(MOUNT, canary="canary"), _operator),
        (writers_policy(MOUNT, canary="canary"), _writer),
        (node_policy(f"{TRANSIT}/keys/etcd"), _node),
        (tenant_policy(TRANSIT, "acme"), _tenant),
        (tenants_administrator_policy(TRANSIT, ["acme"]), _administrator),
    ],
    ids=["operator", "writer", "node", "tenant", "tenants-administrator"],
)
def holder(request: pytest.FixtureRequest, vault: Vault) -> Holder:
    generated, work = request.param
    return Holder(vault, generated, work)


def test_no_capability_can_be_left_out(holder: Holder) -> None:
    assert holder.works(holder.generated)
    assert holder.unneeded(holder.generated) == set()


def test_any_other_capability_is_unneeded(holder: Holder) -> None:
    for path, rule in holder.generated["path"].items():
        if "deny" not in rule["capabilities"]:
            others = set(GRANTS) - set(rule["capabilities"])
            widened = _with(holder.generated, path, set(GRANTS))
            assert {(path, one) for one in others} <= holder.unneeded(widened)
