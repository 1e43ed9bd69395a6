"""Service-account tokens that nobody should take: altered, expired, or signed by somebody else."""

import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


def altered(token: str) -> str:
    """The token with another signature."""
    head, payload, signature = token.split(".")
    return f"{head}.{payload}.{signature[::-1]}"


def expired(token: str, issuer_key: bytes) -> str:
    """The token as its own issuer signed it two hours ago."""
    past = int(time.time()) - 2 * 60 * 60
    return _signed(token, issuer_key, iat=past, nbf=past, exp=past + 600)


def forged(token: str) -> str:
    """The token with all its claims, the subject included, under a key that is not the issuer's."""
    return _signed(token, rsa.generate_private_key(public_exponent=65537, key_size=2048))


def signed_elsewhere(token: str, theirs: str, issuer_key: bytes) -> str:
    """The token with all its claims, as the issuer of the token `theirs` signs: by its own key, under that key's id."""
    return _signed(token, issuer_key, key_id=jwt.get_unverified_header(theirs)["kid"])


def _signed(token: str, key: Any, key_id: str | None = None, **claims: int) -> str:
    given = jwt.decode(token, options={"verify_signature": False})
    header = {"kid": key_id or jwt.get_unverified_header(token)["kid"]}
    return jwt.encode({**given, **claims}, key, algorithm="RS256", headers=header)
