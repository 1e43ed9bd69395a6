"""A value that is followed through a stack."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_RUN = re.compile(rb"[A-Za-z0-9_-]{20,}")
_ARMOUR = b"-----"
_JWT = b"eyJ"


@dataclass(frozen=True, kw_only=True)
class Canary:
    """One secret.

    name: whose it is and what it is. values: the secret, or parts that each give it away. Its repr shows none.
    """

    name: str
    values: tuple[bytes, ...] = field(repr=False)

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
    """A private key in PEM or OpenSSH form. Its lines are followed, for YAML would indent them."""
    return Canary(name=name, values=(*_lines(pem), *_seed(pem)))


def _lines(pem: bytes) -> Iterator[bytes]:
    body = [line for line in pem.splitlines() if not line.startswith(_ARMOUR)]
    # The first line says what kind of key it is: it is the same in all keys of that kind.
    yield from (line for line in body[1:] if len(line) >= 24)


def _seed(pem: bytes) -> Iterator[bytes]:
    """What an Ed25519 key is in every form that it can be written in."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    load = serialization.load_ssh_private_key if b"OPENSSH" in pem else serialization.load_pem_private_key
    try:
        key = load(pem, password=None)
    except (ValueError, TypeError):  # of a kind that is not known here, or encrypted
        return
    if isinstance(key, Ed25519PrivateKey):
        yield key.private_bytes_raw()
