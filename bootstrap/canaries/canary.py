"""A value that is followed through a stack."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Key = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey

_RUN = re.compile(rb"[A-Za-z0-9_-]{20,}")
_ARMOUR = b"-----"
_JWT = b"eyJ"
_PART = 16
"""Bytes of a key's number: wherever its base64 is broken into lines, most parts are on one of them."""


@dataclass(frozen=True, kw_only=True)
class Canary:
    """One secret.

    name: whose it is and what it is. values: the secret, or parts that each give it away. Its repr shows none.
    public_half: of a key, in OpenSSH's form; empty if it is none, or of a kind that is not known here.
    """

    name: str
    values: tuple[bytes, ...] = field(repr=False)
    public_half: str = ""

    @property
    def fingerprint(self) -> str:
        """What a report says instead of the value. All values are long and random, so nobody can try guesses."""
        return hashlib.sha256(self.values[0]).hexdigest()[:12]

    def __str__(self) -> str:
        return f"{self.name} ({self.fingerprint})"


def of_text(name: str, text: bytes) -> Canary:
    """A password or a token. Its long runs of letters count too: no escape changes them, not even an unknown one."""
    text = text.strip()
    # The first part of a JWT is the same in all tokens of an issuer.
    own = text.partition(b".")[2] if text.startswith(_JWT) else text
    return Canary(name=name, values=(text, *_RUN.findall(own)))


def of_key(name: str, pem: bytes) -> Canary:
    """A private key in PEM or OpenSSH form. Its lines are followed, for YAML would indent them; and its numbers."""
    key = _loaded(pem)
    if key is None:
        return Canary(name=name, values=tuple(_lines(pem)))
    public_half = _openssh(key)
    public = [base64.b64encode(blob[start:]) for blob in _public(key, public_half) for start in range(3)]
    lines = (line for line in _lines(pem) if not any(line in text for text in public))
    return Canary(name=name, values=(*_numbers(key), *lines), public_half=public_half)


def _lines(pem: bytes) -> Iterator[bytes]:
    body = [line for line in pem.splitlines() if not line.startswith(_ARMOUR)]
    # The first line says what kind of key it is: it is the same in all keys of that kind.
    yield from (line for line in body[1:] or body if len(line) >= 24)


def _loaded(pem: bytes) -> "Key | None":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    load = serialization.load_ssh_private_key if b"OPENSSH" in pem else serialization.load_pem_private_key
    try:
        key = load(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # of a kind that is not known here, or encrypted
        return None
    return key if isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) else None


def _numbers(key: "Key") -> Iterator[bytes]:
    """What a key is in every form that it can be written in: a seed, a scalar, or primes and exponent."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    if isinstance(key, ed25519.Ed25519PrivateKey):
        numbers = [key.private_bytes_raw()]
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = [key.private_numbers().private_value.to_bytes((key.key_size + 7) // 8, "big")]
    else:
        rsa = key.private_numbers()
        numbers = [one.to_bytes((one.bit_length() + 7) // 8, "big") for one in (rsa.p, rsa.q, rsa.d)]
    for number in numbers:
        yield from (number[start : start + _PART] for start in range(0, len(number), _PART))


def _openssh(key: "Key") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    except ValueError:  # a curve that OpenSSH does not have
        return ""


def _public(key: "Key", public_half: str) -> Iterator[bytes]:
    """What certificates and OpenSSH's public keys have of it: some lines of a key are nothing else."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    yield key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    yield base64.b64decode(public_half.partition(" ")[2])
