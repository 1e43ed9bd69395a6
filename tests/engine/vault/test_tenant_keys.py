"""VaultTenantKeys on the real engine and a real Vault, used with what tokens of a cluster give: up, use, destroy.

The deployer has exactly the rights that the pages list.
"""

import base64
import json
import time
from collections import Counter
from typing import Any

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidRequest, VaultError

from components.tenants import EnvelopeCipher, TenantDataError, VaultKeyStore
from components.vault.policies import to_json
from components.vault.tenant_policies import tenant_policy
from tests.engine.vault.test_foundation import (
    AUDIT_LOG,
    SUBJECT,
    Place,
    place,  # noqa: F401 - a fixture
    rights,
)

MOUNT, JWT = "platform/prod/transit", "platform/prod/jwt"
ADMINISTRATOR = "platform-prod-tenants-administrator"
TEXT, RECORD = b"what only acme may read", {"record": "42"}
NAMED = {one: base64.b64encode(f"tenant={one}".encode()).decode() for one in ("acme", "globex")}
PROGRAM = """
import json

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_vault as vault

from components import (
    ClusterRef, ServiceAccountRef, VaultFoundation, VaultFoundationArgs, VaultTenantKeys, VaultTenantKeysArgs,
    parse_config,
)

given = json.loads({given!r})
config = parse_config({{"prefix": "platform", "environments": given["environments"]}})
login = vault.ProviderAuthLoginCertArgs(**given["login"])
server = pulumi.ResourceOptions(
    providers=[vault.Provider("vault", auth_login_cert=login, skip_child_token=True, **given["provider"])]
)
names = config.names("prod")
foundation = VaultFoundation("prod", VaultFoundationArgs(names=names, environment=config.environments["prod"]), server)
cluster = ClusterRef(name="prod", provider=kubernetes.Provider("cluster", kubeconfig="{{}}"), **given["cluster"])
identity = foundation.identify("prod-identity", cluster, server)
tenants = VaultTenantKeys(
    "prod-tenants",
    VaultTenantKeysArgs(
        names=names,
        tenants_key=foundation.keys.tenants,
        tenants={{one: ServiceAccountRef(namespace=one, name="app") for one in given["tenants"]}},
        jwt_mount=names.mount("jwt"),
        after=[*foundation.gates, *identity.gates],
    ),
    server,
)
pulumi.export("mount", tenants.mount)
"""


def up(place: Place, *tenants: str, expect: str = "") -> dict[str, Any]:  # noqa: F811
    given = {**place.given({"prod": "vaultJwt"}), "tenants": tenants}
    place.stack.engine.write(PROGRAM.format(given=json.dumps(given)))
    return place.stack.run("up", *filter(None, [expect]))


@pytest.fixture(scope="module")
def made(place: Place) -> Place:  # noqa: F811
    rules = rights("vault-foundation")
    for path, capabilities in rights("vault-tenant-keys").items():
        rules.update({path.replace("TENANT", one): capabilities for one in NAMED})
    document = {"path": {path: {"capabilities": held} for path, held in rules.items()}}
    place.vault.root.sys.create_or_update_acl_policy("deployer", json.dumps(document))
    up(place, *NAMED)
    return place


def as_tenant(place: Place, tenant: str) -> hvac.Client:  # noqa: F811
    """Logged in with a token of the tenant's service account."""
    return place.login(role=f"platform-prod-tenant-{tenant}", sub=f"{SUBJECT}{tenant}:app")


def cipher(client: hvac.Client, tenant: str, **times: int) -> EnvelopeCipher:
    return VaultKeyStore(client=client, mount=MOUNT).cipher(tenant, **times)


def administrator(place: Place) -> VaultKeyStore:  # noqa: F811
    return VaultKeyStore(client=place.vault.token_of(ADMINISTRATOR), mount=MOUNT)


def test_nothing_changes_when_nothing_changed(made: Place) -> None:
    assert up(made, *NAMED, expect="--expect-no-changes").keys() == {"same"}
    assert made.stack.run("refresh", "--expect-no-changes").keys() == {"same"}


def test_a_tenants_data_from_a_token_of_the_cluster(made: Place) -> None:
    message = cipher(as_tenant(made, "acme"), "acme").encrypt(TEXT, RECORD)
    assert TEXT not in message
    assert cipher(as_tenant(made, "acme"), "acme").decrypt(message, RECORD) == TEXT
    with pytest.raises(TenantDataError):
        cipher(as_tenant(made, "acme"), "acme").decrypt(message, {"record": "43"})


def test_another_tenant_opens_nothing(made: Place) -> None:
    message = cipher(as_tenant(made, "acme"), "acme").encrypt(TEXT)
    globex = as_tenant(made, "globex")
    own = cipher(globex, "globex")
    assert own.decrypt(own.encrypt(b"its own")) == b"its own"
    # It may not use the other's key, and what is moved to it does not open under its own.
    with pytest.raises(TenantDataError, match="permission denied"):
        cipher(globex, "acme").decrypt(message)
    with pytest.raises(TenantDataError, match="authentication failed"):
        own.decrypt(message)


def test_the_operator_uses_no_tenants_key(made: Place) -> None:
    message = cipher(as_tenant(made, "acme"), "acme").encrypt(TEXT)
    operator = made.login()
    operator.auth.token.lookup_self()
    with pytest.raises(TenantDataError, match="permission denied"):
        cipher(operator, "acme").decrypt(message)
    with pytest.raises(TenantDataError, match="permission denied"):
        cipher(operator, "acme").encrypt(TEXT)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": f"{SUBJECT}globex:app"},
        {"sub": f"{SUBJECT}acme:default"},
        {"sub": f"{SUBJECT}external-secrets:external-secrets"},
        {"sub": f"{SUBJECT}acme:app", "aud": ["sts.amazonaws.com"]},
        {"sub": f"{SUBJECT}acme:app", "exp": 1},
    ],
    ids=str,
)
def test_any_other_token_is_refused(made: Place, claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        made.login(role="platform-prod-tenant-acme", **claims)


@pytest.mark.parametrize(
    ("without", "opened"), [("the path", False), ("the name", False), ("the path and the name", True)]
)
def test_each_control_alone_keeps_the_other_tenant_out(made: Place, without: str, opened: bool) -> None:
    """Of the policy of `globex` the path or the name is widened, and then both: the refusal is theirs."""
    message = cipher(as_tenant(made, "acme"), "acme").encrypt(TEXT)
    document: Any = json.loads(to_json(tenant_policy(MOUNT, "globex")))
    for path, rule in [*document["path"].items()]:
        if "name" in without:
            rule["allowed_parameters"]["associated_data"] = []
        if "path" in without:
            document["path"][path.replace("globex", "acme")] = rule
    made.vault.root.sys.create_or_update_acl_policy("widened", json.dumps(document))
    widened = cipher(made.vault.token_of("widened"), "acme")
    if opened:
        assert widened.decrypt(message) == TEXT
    else:
        with pytest.raises(TenantDataError, match="permission denied"):
            widened.decrypt(message)
        # With what its own policy lets it say, Vault's seal refuses.
        ciphertext = message[3 : 3 + int.from_bytes(message[1:3], "big")].decode()
        own = {"ciphertext": ciphertext, "associated_data": NAMED["globex"]}
        for tenant in ("acme", "globex"):
            with pytest.raises(VaultError):
                made.vault.token_of("widened").write_data(f"{MOUNT}/decrypt/tenant-{tenant}", data=own)


@pytest.mark.parametrize(
    "data",
    [
        {"plaintext": "aGlkZGVu"},
        {"plaintext": "aGlkZGVu", "associated_data": NAMED["globex"]},
        {"plaintext": "aGlkZGVu", "associated_data": NAMED["acme"], "key_version": 1},
        {"associated_data": NAMED["acme"], "batch_input": [{"plaintext": "aGlkZGVu"}]},
    ],
    ids=["no name", "another's name", "a version of its choice", "a batch, whose items name whom they like"],
)
def test_a_tenant_encrypts_in_its_own_name_only(made: Place, data: dict[str, Any]) -> None:
    acme, path = as_tenant(made, "acme"), f"{MOUNT}/encrypt/tenant-acme"
    assert acme.write_data(path, data={"plaintext": "aGlkZGVu", "associated_data": NAMED["acme"]})
    with pytest.raises(Forbidden):
        acme.write_data(path, data=data)


def test_neither_tenant_nor_administrator_takes_a_key_out_or_uses_what_is_not_his(made: Place) -> None:
    message = cipher(as_tenant(made, "acme"), "acme").encrypt(TEXT)
    key = f"{MOUNT}/keys/tenant-acme"
    for client in (as_tenant(made, "acme"), administrator(made).client):
        for attempt in (
            lambda client: client.read(f"{MOUNT}/export/encryption-key/tenant-acme"),
            lambda client: client.read(f"{MOUNT}/backup/tenant-acme"),
            lambda client: client.write_data(f"{key}/config", data={"exportable": True}),
            lambda client: client.write_data(f"{key}/config", data={"allow_plaintext_backup": True}),
            lambda client: client.write_data(f"{MOUNT}/keys/etcd/rotate", data={}),
            lambda client: client.write_data(f"{MOUNT}/keys/tenant-initech", data={"exportable": True}),
        ):
            with pytest.raises(Forbidden):
                attempt(client)
    store = administrator(made)
    with pytest.raises(TenantDataError, match="permission denied"):
        store.cipher("acme").decrypt(message)
    tenant = VaultKeyStore(client=as_tenant(made, "acme"), mount=MOUNT)
    for change in (tenant.rotate, tenant.retire, tenant.shred):
        with pytest.raises(Forbidden):
            change("acme")


def test_rotation_leaves_the_data_as_it_is_until_a_version_is_retired(made: Place) -> None:
    held = cipher(as_tenant(made, "globex"), "globex")
    old, never = held.encrypt(TEXT, RECORD), held.encrypt(b"forgotten")
    assert administrator(made).rotate("globex") == 2
    fresh = cipher(as_tenant(made, "globex"), "globex")
    new = fresh.encrypt(TEXT, RECORD)
    assert (old[3:11], new[3:11]) == (b"vault:v1", b"vault:v2")
    assert fresh.decrypt(old, RECORD) == fresh.decrypt(new, RECORD) == held.decrypt(new, RECORD) == TEXT

    rewrapped = held.rewrap(old)
    assert rewrapped[3:11] == b"vault:v2"
    assert rewrapped[-(len(TEXT) + 16) :] == old[-(len(TEXT) + 16) :]
    assert administrator(made).retire("globex") == 2
    fresh = cipher(as_tenant(made, "globex"), "globex")
    assert fresh.decrypt(rewrapped, RECORD) == TEXT
    for message in (old, never):
        with pytest.raises(TenantDataError, match="disallowed by policy"):
            fresh.decrypt(message)


def test_a_batch_asks_vault_once(made: Place) -> None:
    """Counted in Vault's own audit log."""
    client = as_tenant(made, "acme")
    before = _uses(made)
    writer, reader = cipher(client, "acme"), cipher(client, "acme")
    messages = [writer.encrypt(TEXT, {"record": str(at)}) for at in range(100)]
    assert [reader.decrypt(one, {"record": str(at)}) for at, one in enumerate(messages)] == [TEXT] * 100
    assert _uses(made) - before == Counter({"encrypt": 1, "decrypt": 1})


def _uses(place: Place) -> Counter[str]:  # noqa: F811
    entries = [json.loads(line) for line in (place.vault.folder / AUDIT_LOG).read_text().splitlines()]
    paths = [one["request"]["path"] for one in entries if one["type"] == "request"]
    return Counter(path.split("/")[3] for path in paths if path.endswith("/tenant-acme"))


def test_a_shredded_tenants_data_is_gone(made: Place) -> None:
    acme, store = as_tenant(made, "acme"), administrator(made)
    held = cipher(acme, "acme", ttl_seconds=1, renew_seconds=60)
    message, kept = held.encrypt(TEXT), cipher(as_tenant(made, "globex"), "globex").encrypt(b"stays")
    # Vault itself refuses to delete the key of a durable environment until it is told to.
    with pytest.raises(InvalidRequest, match="deletion is not allowed"):
        store.client.delete(f"{MOUNT}/keys/tenant-acme")
    assert store.shred("acme") == 1
    assert store.shred("acme") == 0
    for who in (acme, made.vault.root):
        with pytest.raises(TenantDataError, match="encryption key not found"):
            cipher(who, "acme").decrypt(message)
    with pytest.raises(TenantDataError):
        cipher(acme, "acme").encrypt(TEXT)
    _wait_until_refused(held, message)
    assert cipher(as_tenant(made, "globex"), "globex").decrypt(kept) == b"stays"
    # A key of the same name is another key.
    made.vault.root.write_data(f"{MOUNT}/keys/tenant-acme", data={})
    with pytest.raises(TenantDataError, match="authentication failed"):
        cipher(acme, "acme").decrypt(message)


def _wait_until_refused(held: EnvelopeCipher, message: bytes) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            held.decrypt(message)
        except TenantDataError:
            return
        time.sleep(0.2)
    raise AssertionError("the key was used after its time")


def test_a_tenant_that_is_taken_out_loses_its_way_in_and_not_its_key(made: Place) -> None:
    globex = as_tenant(made, "globex")
    message = cipher(globex, "globex").encrypt(TEXT)
    up(made, "acme")
    with pytest.raises(InvalidRequest):
        as_tenant(made, "globex")
    with pytest.raises(TenantDataError, match="permission denied"):
        cipher(globex, "globex").decrypt(message)
    # Taken in again, it has the same key.
    up(made, *NAMED)
    assert cipher(as_tenant(made, "globex"), "globex").decrypt(message) == TEXT


def test_neither_state_nor_audit_log_holds_a_key_or_the_data(made: Place) -> None:
    message = cipher(as_tenant(made, "globex"), "globex").encrypt(TEXT)
    assert message
    log, state = (made.vault.folder / AUDIT_LOG).read_text(), json.dumps(made.stack.engine.export())
    for text in (log, state):
        assert TEXT.decode() not in text
        assert "vault:v2:" not in text


def test_the_end(made: Place) -> None:
    assert made.stack.run("destroy").keys() == {"delete"}
    policies: Any = made.vault.root.sys.list_acl_policies()
    assert not [name for name in policies["data"]["keys"] if name.startswith("platform-")]
