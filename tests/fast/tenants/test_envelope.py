"""The envelope under a tenant's key: what opens, what does not, and how often the key service is asked."""

from typing import Any

import pytest

from components.tenants import EnvelopeCipher, TenantDataError, TenantKeyError
from tests.fast.tenants.services import stores

TEXT, RECORD = b"what only acme may read", {"record": "42"}


@pytest.fixture(params=("vault", "gcp", "azure"))
def store(request: pytest.FixtureRequest) -> Any:
    return stores()[request.param]


def test_a_tenant_opens_what_is_its_own(store: Any) -> None:
    message = store.cipher("acme").encrypt(TEXT, RECORD)
    assert TEXT not in message
    assert b"record" not in message
    assert store.cipher("acme").decrypt(message, RECORD) == TEXT


@pytest.mark.parametrize("context", [None, {"record": "43"}, {**RECORD, "more": "x"}])
def test_another_context_does_not_open_it(store: Any, context: dict[str, str] | None) -> None:
    cipher = store.cipher("acme")
    message = cipher.encrypt(TEXT, RECORD)
    with pytest.raises(TenantDataError, match="acme"):
        cipher.decrypt(message, context)


def test_another_tenant_does_not_open_it(store: Any) -> None:
    acme, globex = store.cipher("acme"), store.cipher("globex")
    message, other = acme.encrypt(TEXT), globex.encrypt(b"its own")
    with pytest.raises(TenantDataError, match="globex"):
        globex.decrypt(message)
    # Nor with its own wrapped key in front of the stolen rest, or the other way round.
    for front, rest in ((other, message), (message, other)):
        with pytest.raises(TenantDataError):
            globex.decrypt(_front(front) + _rest(rest))


def test_the_tenants_name_is_bound_even_under_one_key(store: Any) -> None:
    """By the message alone: here the other cipher is given the very key."""
    acme = store.cipher("acme")
    message = acme.encrypt(TEXT)
    with pytest.raises(TenantDataError):
        EnvelopeCipher("globex", acme._tenant_key).decrypt(message)


def test_every_changed_byte_is_seen(store: Any) -> None:
    cipher = store.cipher("acme")
    message = cipher.encrypt(TEXT, RECORD)
    for at in range(0, len(message), 11):
        changed = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        with pytest.raises(TenantDataError):
            cipher.decrypt(changed, RECORD)
    for end in (0, 1, 2, 3, len(_front(message)), len(message) - 1):
        with pytest.raises(TenantDataError):
            cipher.decrypt(message[:end], RECORD)


def test_rotation_leaves_the_data_as_it_is(store: Any) -> None:
    held = store.cipher("acme")
    old = held.encrypt(TEXT)
    store.rotate("acme")
    fresh = store.cipher("acme")
    new = fresh.encrypt(TEXT)
    assert (fresh.decrypt(old), fresh.decrypt(new), held.decrypt(new)) == (TEXT, TEXT, TEXT)


def test_a_message_is_put_under_the_newest_version_without_its_data(store: Any) -> None:
    cipher = store.cipher("acme")
    old = [cipher.encrypt(TEXT, {"record": str(at)}) for at in range(5)]
    store.rotate("acme")
    store.client.calls.clear()
    new = [cipher.rewrap(one) for one in old]
    assert len(store.client.calls) == 1
    assert [_rest(one) for one in new] == [_rest(one) for one in old]
    assert {_front(one) for one in new}.isdisjoint({_front(one) for one in old})
    for at, message in enumerate(new):
        assert store.cipher("acme").decrypt(message, {"record": str(at)}) == TEXT


def test_what_is_retired_opens_only_after_it_was_rewrapped() -> None:
    store = stores()["vault"]
    cipher = store.cipher("acme")
    old = cipher.encrypt(TEXT)
    assert store.rotate("acme") == 2
    new = cipher.rewrap(old)
    assert store.retire("acme") == 2
    with pytest.raises(TenantDataError, match="disallowed"):
        store.cipher("acme").decrypt(old)
    assert store.cipher("acme").decrypt(new) == TEXT


def test_a_shredded_tenants_data_is_gone(store: Any) -> None:
    message, kept = store.cipher("acme").encrypt(TEXT), store.cipher("globex").encrypt(b"stays")
    store.shred("acme")
    with pytest.raises(TenantDataError, match=r"not found|DESTROY_SCHEDULED"):
        store.cipher("acme").decrypt(message)
    assert store.cipher("globex").decrypt(kept) == b"stays"


@pytest.mark.parametrize("kind", ["vault", "gcp"])
def test_how_much_was_shredded(kind: str) -> None:
    store = stores()[kind]
    store.rotate("acme")
    assert store.shred("acme") == 2
    assert store.shred("acme") == 0


def test_a_batch_asks_once(store: Any) -> None:
    cipher = store.cipher("acme")
    messages = [cipher.encrypt(TEXT, {"record": str(at)}) for at in range(50)]
    assert [cipher.decrypt(one, {"record": str(at)}) for at, one in enumerate(messages)] == [TEXT] * 50
    assert len(store.client.calls) == 1
    assert len({_rest(one) for one in messages}) == 50
    reader = store.cipher("acme")
    assert reader.decrypt(messages[0], {"record": "0"}) == reader.decrypt(messages[1], {"record": "1"}) == TEXT
    assert len(store.client.calls) == 2


def test_an_opened_key_is_used_for_its_time(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("components.tenants.envelope.time.monotonic", lambda: now)
    cipher = store.cipher("acme", ttl_seconds=10, renew_seconds=100)
    first = cipher.encrypt(TEXT)
    now += 11
    second = cipher.encrypt(TEXT)
    # The same working key, asked for again: that is where a withdrawn permission is felt.
    assert (_front(second), len(store.client.calls)) == (_front(first), 2)
    now += 100
    third = cipher.encrypt(TEXT)
    assert _front(third) != _front(first)
    store.shred("acme")
    assert cipher.decrypt(third) == TEXT
    now += 11
    for message in (first, third):
        with pytest.raises(TenantDataError):
            cipher.decrypt(message)
    with pytest.raises(TenantDataError):
        cipher.encrypt(TEXT)


def test_working_keys_are_kept_within_bounds(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.tenants.envelope._KEPT", 2)
    reader, messages = store.cipher("acme"), [store.cipher("acme").encrypt(TEXT) for _ in range(3)]
    for message in messages:
        reader.decrypt(message)
    assert len(reader._opened) == 2
    monkeypatch.setattr("components.tenants.envelope._MESSAGES", 2)
    writer = store.cipher("acme")
    assert len({_front(writer.encrypt(TEXT)) for _ in range(4)}) == 2


@pytest.mark.parametrize("name", ["", "Acme", "acme/x", "a" * 49, "-acme", "acme\n", "../secrets"])
def test_names_that_are_none(store: Any, name: str) -> None:
    for call in (store.rotate, store.shred, store.cipher, *([store.retire] if hasattr(store, "retire") else [])):
        with pytest.raises(TenantKeyError, match="lower-case"):
            call(name)
    assert store.client.calls == []


def test_arguments_that_cannot_work(store: Any) -> None:
    for times in ({"ttl_seconds": 0}, {"ttl_seconds": 86401}, {"renew_seconds": 299}, {"renew_seconds": 604801}):
        with pytest.raises(TenantKeyError, match=next(iter(times))):
            store.cipher("acme", **times)
    with pytest.raises(TenantDataError, match="leave it out"):
        store.cipher("acme").encrypt(TEXT, {"tenant": "globex"})


def test_a_tenant_without_a_key(store: Any) -> None:
    with pytest.raises(TenantDataError, match="initech"):
        store.cipher("initech").encrypt(TEXT)
    if hasattr(store, "retire"):
        with pytest.raises(TenantKeyError, match="VaultTenantKeys"):
            store.rotate("initech")


def test_no_error_and_no_representation_holds_a_key_or_the_data(store: Any) -> None:
    with pytest.raises(TenantDataError) as error:
        store.cipher("initech").encrypt(TEXT)
    assert TEXT.decode() not in repr(error.value)
    assert error.value.__cause__ is None
    cipher = store.cipher("acme")
    cipher.encrypt(TEXT)
    (working,) = cipher._opened.values()
    assert repr(working.key) not in repr(working)


def _front(message: bytes) -> bytes:
    return message[: 3 + int.from_bytes(message[1:3], "big")]


def _rest(message: bytes) -> bytes:
    return message[len(_front(message)) :]
