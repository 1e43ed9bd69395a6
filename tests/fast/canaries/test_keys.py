"""A private key is found in whatever form it is written, and its public half is nobody's secret."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bootstrap.canaries.canary import of_key
from bootstrap.canaries.search import Search

KEYS = {
    "RSA": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}
KEPT = {"PKCS8": PrivateFormat.PKCS8, "OpenSSH": PrivateFormat.OpenSSH}
WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "indented": lambda data: data.replace(b"\n", b"\n    "),
    "base64": base64.b64encode,
    "base64 beside others": lambda data: base64.b64encode(b"x" + data + b"y"),
}


def private(kind: str, form: PrivateFormat, encoding: Encoding = Encoding.PEM) -> bytes:
    return KEYS[kind].private_bytes(encoding, form, NoEncryption())


def public(kind: str) -> list[bytes]:
    forms = [
        (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.OpenSSH, PublicFormat.OpenSSH),
    ]
    return [KEYS[kind].public_key().public_bytes(*form) for form in forms]


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("kind", KEYS)
def test_a_key_is_found_in_the_other_formats_too(kind: str, kept: str, written: str) -> None:
    search = Search([of_key("it", private(kind, KEPT[kept]))])
    for form in KEPT.values():
        assert search.hits("here", WRITTEN[written](private(kind, form)))
    if written != "indented":  # DER is no text: its bytes may be line breaks by chance
        assert search.hits("here", WRITTEN[written](private(kind, PrivateFormat.PKCS8, Encoding.DER)))
    assert not any(search.hits("here", WRITTEN[written](half)) for half in public(kind))


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_knows_its_public_half(kind: str) -> None:
    assert of_key("it", private(kind, PrivateFormat.PKCS8)).public_half.encode() == public(kind)[-1]


def test_of_an_encrypted_key_the_lines_are_followed() -> None:
    pem = KEYS["RSA"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a passphrase"))
    one = of_key("it", pem)
    assert one.public_half == ""
    assert Search([one]).hits("here", WRITTEN["indented"](pem))


def test_a_curve_that_openssh_does_not_have() -> None:
    key = ec.generate_private_key(ec.SECP256K1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    one = of_key("it", pem)
    assert one.public_half == ""
    assert Search([one]).hits("here", key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
