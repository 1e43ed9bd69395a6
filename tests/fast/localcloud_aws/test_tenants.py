"""Tenants' keys: each refusal by the judge beside the rightful call, with the client that applications use."""

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from components.tenants import TenantDataError, TenantKeyError
from tests.fast.localcloud_aws.world import DEPLOYER, World, refusal

if TYPE_CHECKING:
    from tests.fast.localcloud_aws.tenants import Tenants

TEXT = b"what only acme may read"
RECORD = {"record": "42"}


@pytest.fixture(scope="module")
def tenants(world: World) -> "Iterator[Tenants]":
    from tests.fast.localcloud_aws.tenants import Tenants

    made = Tenants(world)
    administrator = made.store("tenants-administrator")
    administrator.onboard("acme")
    administrator.onboard("globex")
    return made


def entries(tenants: "Tenants", tenant: str) -> list[dict[str, Any]]:
    """A tenant's wrapped keys, as somebody has them who stole the table."""
    store = tenants.store("tenants-administrator")
    return store.dynamodb.query(
        TableName=store.table,
        KeyConditionExpression="#id = :tenant",
        ExpressionAttributeNames={"#id": "branch-key-id"},
        ExpressionAttributeValues={":tenant": {"S": tenant}},
    )["Items"]


def stolen(tenants: "Tenants") -> dict[str, Any]:
    """What unwraps the active key of `acme`: the words of its entry and the table's name are its context."""
    active = next(one for one in entries(tenants, "acme") if one["type"]["S"] == "branch:ACTIVE")
    words = {name: next(iter(value.values())) for name, value in active.items() if name != "enc"}
    return {
        "KeyId": tenants.world.prod.keys["tenants"],
        "CiphertextBlob": active["enc"]["B"],
        "EncryptionContext": {**words, "tablename": tenants.world.prod.names.tenant_table},
    }


def test_a_tenant_opens_what_is_its_own(tenants: "Tenants") -> None:
    cipher = tenants.store("tenant-acme").cipher("acme")
    message = cipher.encrypt(TEXT, RECORD)
    assert TEXT not in message
    assert cipher.decrypt(message, RECORD) == TEXT
    # Neither the tenant's name nor the record stands in the message: who opens it has to know.
    assert b"42" not in message


@pytest.mark.parametrize("context", [None, {}, {"record": "43"}, {**RECORD, "more": "x"}, {"other": "42"}])
def test_another_context_does_not_open_it(tenants: "Tenants", context: dict[str, str] | None) -> None:
    cipher = tenants.store("tenant-acme").cipher("acme")
    message = cipher.encrypt(TEXT, RECORD)
    with pytest.raises(TenantDataError, match="acme"):
        cipher.decrypt(message, context)
    assert cipher.decrypt(message, RECORD) == TEXT


def test_another_tenants_key_does_not_open_it(tenants: "Tenants") -> None:
    message = tenants.store("tenant-acme").cipher("acme").encrypt(TEXT)
    globex = tenants.store("tenant-globex").cipher("globex")
    assert globex.decrypt(globex.encrypt(b"its own")) == b"its own"
    with pytest.raises(TenantDataError):
        globex.decrypt(message)
    # Not even if the message is made to name the other's key: its name is under the seal.
    assert message.count(b"acme") == 1
    with pytest.raises(TenantDataError):
        globex.decrypt(message.replace(b"\x00\x04acme", b"\x00\x06globex"))


def test_every_changed_byte_is_seen(tenants: "Tenants") -> None:
    cipher = tenants.store("tenant-acme").cipher("acme")
    message = cipher.encrypt(TEXT, RECORD)
    for at in range(0, len(message), 7):
        changed = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        with pytest.raises(TenantDataError):
            cipher.decrypt(changed, RECORD)


@pytest.mark.parametrize("header", [{"tenant": "acme"}, {"tenant": "globex"}, {"tenant": "acme", "more": "x"}, {}])
def test_a_message_that_was_made_in_another_way(tenants: "Tenants", header: dict[str, str]) -> None:
    """With words in its header, which `encrypt` leaves none in: the caller did not ask for them."""
    import aws_encryption_sdk

    cipher = tenants.store("tenant-acme").cipher("acme")
    foreign, _ = aws_encryption_sdk.EncryptionSDKClient().encrypt(
        source=TEXT, keyring=cipher._keyring, encryption_context=header
    )
    with pytest.raises(TenantDataError):
        cipher.decrypt(foreign)


def test_another_tenants_role_is_refused_the_key(tenants: "Tenants") -> None:
    """By AWS: it may neither read the wrapped key nor unwrap a stolen one."""
    stranger = tenants.store("tenant-globex")
    with pytest.raises(TenantDataError, match="dynamodb:GetItem"):
        stranger.cipher("acme").encrypt(TEXT)
    entry, own = stolen(tenants), tenants.store("tenant-acme").kms
    assert len(own.decrypt(**entry)["Plaintext"]) == 32
    assert refusal(stranger.kms.decrypt, **entry) == "AccessDeniedException"
    # Under its own name it may ask, and then the ciphertext is none.
    renamed = {**entry, "EncryptionContext": {**entry["EncryptionContext"], "branch-key-id": "globex"}}
    assert refusal(stranger.kms.decrypt, **renamed) == "InvalidCiphertextException"
    for left_out in ("branch-key-id", "tablename"):
        less = {name: word for name, word in entry["EncryptionContext"].items() if name != left_out}
        assert refusal(own.decrypt, **{**entry, "EncryptionContext": less}) == "AccessDeniedException"


@pytest.mark.parametrize(
    ("without", "opened"),
    [("dynamodb:LeadingKeys", False), ("kms:EncryptionContext:branch-key-id", False), (None, False), ("both", True)],
)
def test_each_control_alone_keeps_the_other_tenant_out(tenants: "Tenants", without: str | None, opened: bool) -> None:
    """Without its conditions the other's role does open the data: the refusal is theirs."""
    message = tenants.store("tenant-acme").cipher("acme").encrypt(TEXT)
    document = json.loads(tenants.documents[tenants.role("tenant-globex")])
    for statement in document["Statement"]:
        for operator in statement["Condition"].values():
            for name in ("dynamodb:LeadingKeys", "kms:EncryptionContext:branch-key-id"):
                if without in (name, "both"):
                    operator.pop(name, None)
        statement["Condition"] = {key: value for key, value in statement["Condition"].items() if value}
    tenants.put(tenants.role("tenant-globex"), json.dumps(document))
    try:
        cipher = tenants.store("tenant-globex").cipher("acme")
        if opened:
            assert cipher.decrypt(message) == TEXT
        else:
            with pytest.raises(TenantDataError, match="not authorized"):
                cipher.decrypt(message)
    finally:
        tenants.restore(tenants.role("tenant-globex"))


def test_a_tenants_role_changes_nothing(tenants: "Tenants") -> None:
    store = tenants.store("tenant-acme")
    with pytest.raises(TenantKeyError, match="not authorized"):
        store.onboard("initech")
    with pytest.raises(TenantKeyError, match="not authorized"):
        store.rotate("acme")
    assert refusal(store.shred, "acme") == "AccessDeniedException"
    key = {"branch-key-id": {"S": "acme"}, "type": {"S": "branch:ACTIVE"}}
    assert refusal(store.dynamodb.delete_item, TableName=store.table, Key=key) == "AccessDeniedException"
    assert refusal(store.dynamodb.scan, TableName=store.table) == "UnsupportedOperation"
    assert refusal(store.kms.generate_data_key, KeyId=store.key_arn, KeySpec="AES_256") == "AccessDeniedException"


@pytest.mark.parametrize(("path", "opened"), [("/", False), ("/platform/prod/tenants/", True)])
def test_another_environments_role_is_no_tenants(tenants: "Tenants", path: str, opened: bool) -> None:
    """`platform-prod-tenant-x-node` is the node's role of an environment `prod-tenant-x` in the same account.

    Its own policy allows it all: what refuses it is the key, by the path that only tenants' roles have.
    """
    entry, name, iam = stolen(tenants), "platform-prod-tenant-x-node", tenants.world.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Principal": "*"}]})
    iam.create_role(Path=path, RoleName=name, AssumeRolePolicyDocument=trust)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    tenants.put(name, json.dumps({"Version": "2012-10-17", "Statement": [everything]}))
    try:
        kms = tenants.store_of(tenants.world.session(name)).kms
        if opened:
            assert kms.decrypt(**entry)["Plaintext"]
        else:
            assert refusal(kms.decrypt, **entry) == "AccessDeniedException"
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="tenant-keys")
        iam.delete_role(RoleName=name)


def test_the_administrator_unwraps_nothing(tenants: "Tenants") -> None:
    administrator = tenants.store("tenants-administrator")
    message = tenants.store("tenant-acme").cipher("acme").encrypt(TEXT)
    with pytest.raises(TenantDataError, match="kms:Decrypt"):
        administrator.cipher("acme").decrypt(message)


def test_the_administrator_hands_no_key_over(tenants: "Tenants") -> None:
    """ReEncrypt to another key would do what Decrypt is refused for."""
    administrator, entry = tenants.store("tenants-administrator"), stolen(tenants)
    names, root = tenants.world.prod.names, {"AWS": "arn:aws:iam::123456789012:root"}
    everything = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    administrators = {**everything, "Principal": {"AWS": [DEPLOYER]}, "Action": "kms:PutKeyPolicy"}
    his = {**everything, "Principal": {"AWS": names.role_arn("tenants-administrator")}}
    open_key = json.dumps({"Version": "2012-10-17", "Statement": [everything, administrators, his]})
    other = tenants.world.client("kms").create_key(Policy=open_key)["KeyMetadata"]["Arn"]
    request = {
        "CiphertextBlob": entry["CiphertextBlob"],
        "SourceKeyId": entry["KeyId"],
        "SourceEncryptionContext": entry["EncryptionContext"],
        "DestinationEncryptionContext": entry["EncryptionContext"],
    }
    assert administrator.kms.re_encrypt(**request, DestinationKeyId=entry["KeyId"])
    assert refusal(administrator.kms.re_encrypt, **request, DestinationKeyId=other) == "AccessDeniedException"


def test_an_application_proves_itself_by_its_token(tenants: "Tenants") -> None:
    right = tenants.store_of(tenants.by_token(sub="system:serviceaccount:acme:app")).cipher("acme")
    assert right.decrypt(right.encrypt(TEXT)) == TEXT
    for claims in (
        {"sub": "system:serviceaccount:globex:app"},
        {"sub": "system:serviceaccount:acme:app", "aud": ["x"]},
    ):
        assert refusal(tenants.by_token, **claims) in {"AccessDenied", "InvalidIdentityToken"}


def test_rotation_leaves_the_data_as_it_is(tenants: "Tenants") -> None:
    before = tenants.store("tenant-acme").cipher("acme")
    old = before.encrypt(TEXT)
    tenants.store("tenants-administrator").rotate("acme")
    after = tenants.store("tenant-acme").cipher("acme")
    new = after.encrypt(TEXT)
    assert (after.decrypt(old), after.decrypt(new), before.decrypt(new)) == (TEXT, TEXT, TEXT)
    versions = [one for one in entries(tenants, "acme") if one["type"]["S"].startswith("branch:version:")]
    assert len(versions) == 2
    with pytest.raises(TenantKeyError, match="nobody"):
        tenants.store("tenants-administrator").rotate("nobody")


def test_a_shredded_tenants_data_is_gone(tenants: "Tenants") -> None:
    administrator = tenants.store("tenants-administrator")
    messages = [tenants.store("tenant-acme").cipher("acme").encrypt(TEXT)]
    administrator.rotate("acme")
    messages.append(tenants.store("tenant-acme").cipher("acme").encrypt(TEXT))
    held = tenants.store("tenant-acme").cipher("acme", ttl_seconds=1)
    assert held.decrypt(messages[0]) == TEXT
    other = tenants.store("tenant-globex").cipher("globex")
    kept = other.encrypt(b"stays")

    assert administrator.shred("acme") >= 4
    assert administrator.shred("acme") == 0
    for message in messages:
        with pytest.raises(TenantDataError, match="No item found"):
            tenants.store("tenant-acme").cipher("acme").decrypt(message)
    # A cipher that holds the key is wrong for as long as its time, and no longer.
    _wait_until_refused(held, messages[0])
    assert tenants.store("tenant-globex").cipher("globex").decrypt(kept) == b"stays"
    # The same name again is another key.
    administrator.onboard("acme")
    again = tenants.store("tenant-acme").cipher("acme")
    assert again.decrypt(again.encrypt(TEXT)) == TEXT
    with pytest.raises(TenantDataError):
        again.decrypt(messages[0])


def _wait_until_refused(held: Any, message: bytes) -> None:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            held.decrypt(message)
        except TenantDataError:
            return
        time.sleep(0.2)
    raise AssertionError("the key was used after its time")


def test_a_batch_asks_kms_once(tenants: "Tenants") -> None:
    cipher = tenants.store("tenant-acme").cipher("acme")
    tenants.calls.clear()
    messages = [cipher.encrypt(TEXT, {"record": str(at)}) for at in range(50)]
    assert tenants.calls == ["GetItem", "Decrypt"]
    tenants.calls.clear()
    assert [cipher.decrypt(one, {"record": str(at)}) for at, one in enumerate(messages)] == [TEXT] * 50
    assert tenants.calls == ["GetItem", "Decrypt"]
    assert len(set(messages)) == 50


def test_a_tenant_is_brought_in_once(tenants: "Tenants") -> None:
    message = tenants.store("tenant-acme").cipher("acme").encrypt(TEXT)
    with pytest.raises(TenantKeyError, match="acme"):
        tenants.store("tenants-administrator").onboard("acme")
    assert tenants.store("tenant-acme").cipher("acme").decrypt(message) == TEXT


def test_a_tenant_without_a_key(tenants: "Tenants") -> None:
    administrator = tenants.store("tenants-administrator")
    administrator.shred("globex")
    with pytest.raises(TenantDataError, match="No item found"):
        tenants.store("tenant-globex").cipher("globex").encrypt(TEXT)
    administrator.onboard("globex")
    assert tenants.store("tenant-globex").cipher("globex").encrypt(TEXT)


@pytest.mark.parametrize("name", ["", "Acme", "acme/x", "a" * 49, "-acme", "acme\n"])
def test_names_that_are_none(tenants: "Tenants", name: str) -> None:
    store = tenants.store("tenants-administrator")
    for call in (store.onboard, store.rotate, store.shred, store.cipher):
        with pytest.raises(TenantKeyError, match="lower-case"):
            call(name)


def test_arguments_that_cannot_work(tenants: "Tenants") -> None:
    store = tenants.store("tenant-acme")
    for seconds in (0, 86401):
        with pytest.raises(TenantKeyError, match="ttl_seconds"):
            store.cipher("acme", ttl_seconds=seconds)
    with pytest.raises(TenantDataError, match="leave it out"):
        store.cipher("acme").encrypt(TEXT, {"tenant": "globex"})
    wrong: Any = {"record": 42}
    with pytest.raises(TenantDataError, match="texts"):
        store.cipher("acme").encrypt(TEXT, wrong)


def test_no_error_holds_the_data(tenants: "Tenants") -> None:
    cipher = tenants.store("tenant-globex").cipher("acme")
    with pytest.raises(TenantDataError) as error:
        cipher.encrypt(TEXT)
    shown = repr(error.value) + str(error.value)
    assert TEXT.decode() not in shown
    assert error.value.__cause__ is None
