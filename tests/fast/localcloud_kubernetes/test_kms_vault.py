"""The plugin in front of Vault's transit engine, against answers as Vault gives them. A real Vault: tests/cluster."""

import base64
import json
import time
from pathlib import Path

import httpx2
import pytest

from bootstrap.localcloud.kubernetes.kms.service import KeyUnusableError, KmsService
from bootstrap.localcloud.kubernetes.kms.vault import CertificateLogin, Session, VaultKey


class Transit:
    """Vault's answers: a key with versions, and tokens that it may forget."""

    def __init__(self) -> None:
        self.version, self.token, self.logins, self.down = 1, "t0", 0, False
        self.paths: list[str] = []

    def login(self) -> Session:
        self.logins += 1
        self.token = f"t{self.logins}"
        headers = {"X-Vault-Token": self.token}
        http = httpx2.Client(base_url="https://vault", transport=httpx2.MockTransport(self.answer), headers=headers)
        return Session(http, time.monotonic() + 60)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.down:
            raise httpx2.ConnectError("connection refused")
        self.paths.append(f"{request.method} {request.url.path}")
        if request.headers["X-Vault-Token"] != self.token:
            return httpx2.Response(403, json={"errors": ["permission denied"]})
        body = json.loads(request.content or b"{}")
        if "/encrypt/" in request.url.path:
            data = {"ciphertext": f"vault:v{self.version}:{body['plaintext'][::-1]}"}
        elif "/decrypt/" in request.url.path:
            data = {"plaintext": body["ciphertext"].split(":", 2)[2][::-1]}
        else:
            data = {"latest_version": self.version}
        return httpx2.Response(200, json={"data": data})


@pytest.fixture
def transit() -> Transit:
    return Transit()


@pytest.fixture
def key(transit: Transit) -> VaultKey:
    return VaultKey(transit.login, "transit", "platform-prod-etcd")


def test_it_asks_for_its_one_key_and_names_the_version(key: VaultKey, transit: Transit) -> None:
    made = key.encrypt(b"a data encryption key")
    assert made.key_id == "1"
    assert key.decrypt(made.ciphertext) == b"a data encryption key"
    assert key.current_id() == "1"
    assert transit.paths == [
        "POST /v1/transit/encrypt/platform-prod-etcd",
        "POST /v1/transit/decrypt/platform-prod-etcd",
        "GET /v1/transit/keys/platform-prod-etcd",
    ]
    assert transit.logins == 1


def test_the_id_changes_with_the_version_of_the_key(key: VaultKey, transit: Transit) -> None:
    service = KmsService(key)
    before = service.status()
    old = key.encrypt(b"old")
    transit.version = 2
    after = service.status()
    assert (before.key_id, after.key_id) == ("1", "2")
    assert key.encrypt(b"new").key_id == "2"
    assert key.decrypt(old.ciphertext) == b"old"


def test_an_outage_is_no_rotation(key: VaultKey, transit: Transit) -> None:
    service = KmsService(key)
    assert service.status().key_id == "1"
    transit.down = True
    status = service.status()
    assert status.key_id == "1"
    assert "ConnectError" in status.healthz


def test_a_token_that_vault_forgot_is_replaced(key: VaultKey, transit: Transit) -> None:
    key.encrypt(b"x")
    transit.token = "another"  # what the plugin holds is revoked
    assert key.decrypt(key.encrypt(b"x").ciphertext) == b"x"
    assert transit.logins == 2


def test_a_refusal_is_said_in_vaults_words_and_without_values(transit: Transit) -> None:
    def login() -> Session:
        session = transit.login()
        transit.token = "nobody's"
        return session

    with pytest.raises(KeyUnusableError) as caught:
        VaultKey(login, "transit", "k").encrypt(b"the value")
    assert str(caught.value) == "Vault: POST /v1/transit/encrypt/k: 403: permission denied"
    assert base64.b64encode(b"the value").decode() not in str(caught.value)


def test_a_missing_certificate_is_said(tmp_path: Path) -> None:
    absent = tmp_path / "tls.crt"
    login = CertificateLogin(
        address="https://vault", authority=absent, certificate=absent, key=absent, mount="cert", role="node"
    )
    with pytest.raises(KeyUnusableError, match="the machine's certificate cannot be read"):
        login()
