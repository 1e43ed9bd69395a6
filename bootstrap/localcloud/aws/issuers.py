"""Issuers of OIDC tokens: their signing keys over pinned TLS, and the verified claims of a token.

It does not decide what a token is good for: trust policies and associations do.
"""

import hashlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt

from bootstrap.localcloud.aws.answers import AwsError

_ALGORITHMS = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512"]
_CACHE_SECONDS = 60.0
_REFETCH_SECONDS = 1.0
_TIMEOUT_SECONDS = 5.0
_MAX_DOCUMENT = 1 << 18


@dataclass(frozen=True)
class Anchor:
    """How an issuer's server is known: by a CA's certificate, or by SHA-1 thumbprints of the last one it sends."""

    ca_pem: str | None = None
    thumbprints: tuple[str, ...] = ()


class Issuers:
    """Verifies tokens. Keys are kept for a minute; a key id that is not among them has them fetched again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[tuple[str, Anchor], tuple[float, Mapping[str, Any]]] = {}

    def verify(self, token: str, issuer: str, anchor: Anchor, audiences: Sequence[str]) -> dict[str, Any]:
        """The claims of a token that this issuer signed for one of the audiences and that is valid now."""
        key = self._key(issuer, anchor, _header(token).get("kid"))
        try:
            return jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=list(audiences),
                issuer=issuer,
                options={"require": ["aud", "exp", "iat", "iss", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise AwsError("ExpiredTokenException", "Token expired: the token must be refreshed.") from None
        except jwt.InvalidAudienceError:
            raise AwsError("InvalidIdentityToken", "Incorrect token audience") from None
        except jwt.PyJWTError as error:
            raise AwsError("InvalidIdentityToken", f"The token cannot be validated: {type(error).__name__}") from None

    def _key(self, issuer: str, anchor: Anchor, kid: str | None) -> Any:
        for fresh_enough in (_CACHE_SECONDS, _REFETCH_SECONDS):
            keys = self._fetched(issuer, anchor, fresh_enough)
            if kid is None and len(keys) == 1:
                return next(iter(keys.values()))
            if kid is not None and kid in keys:
                return keys[kid]
        raise AwsError("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider")

    def _fetched(self, issuer: str, anchor: Anchor, fresh_enough: float) -> Mapping[str, Any]:
        at, keys = self._keys.get((issuer, anchor), (float("-inf"), {}))
        if time.monotonic() - at < fresh_enough:
            return keys
        keys = _fetch_keys(issuer, anchor)
        with self._lock:
            self._keys[(issuer, anchor)] = (time.monotonic(), keys)
        return keys


def unverified_issuer(token: str) -> str:
    """The issuer that a token names, to look up who that is. Nothing of it is believed."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise AwsError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.") from None
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not issuer.startswith("https://"):
        raise AwsError("InvalidIdentityToken", "The token names no https issuer.")
    return issuer


def _header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise AwsError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.") from None


def _fetch_keys(issuer: str, anchor: Anchor) -> dict[str, Any]:
    unavailable = AwsError("IDPCommunicationError", f"The keys of {issuer} cannot be had.")
    try:
        discovery = _get_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration", anchor)
        if discovery.get("issuer") != issuer:
            raise AwsError("InvalidIdentityToken", "The issuer's discovery document is of another issuer.")
        key_set = jwt.PyJWKSet.from_dict(_get_json(str(discovery.get("jwks_uri")), anchor))
    except (OSError, ValueError, http.client.HTTPException, jwt.PyJWTError) as error:
        raise unavailable from error
    return {key.key_id or "": key for key in key_set.keys}


def _get_json(url: str, anchor: Anchor) -> dict[str, Any]:
    """A document over TLS whose server is the anchored one. Redirects are not followed."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("not an https address")
    port = parts.port or 443
    connection = http.client.HTTPSConnection(
        parts.hostname, port, timeout=_TIMEOUT_SECONDS, context=_context(anchor, parts.hostname, port)
    )
    try:
        connection.request("GET", parts.path or "/", headers={"Accept": "application/json, application/jwk-set+json"})
        response = connection.getresponse()
        body = response.read(_MAX_DOCUMENT)
    finally:
        connection.close()
    if response.status != 200:
        raise ValueError(f"the issuer answered {response.status}")
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("the document is no object")
    return document


def _context(anchor: Anchor, host: str, port: int) -> ssl.SSLContext:
    pem = anchor.ca_pem or _thumbprinted(anchor.thumbprints, host, port)
    context = ssl.create_default_context(cadata=pem)
    # The pinned certificate is the anchor, whether or not it signed itself.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _thumbprinted(thumbprints: Sequence[str], host: str, port: int) -> str:
    """The last certificate that a server sends, if it is pinned. The handshake that counts then verifies against it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        last = _sent_certificates(secure)[-1]
    if hashlib.sha1(last, usedforsecurity=False).hexdigest() not in {one.lower() for one in thumbprints}:
        raise ValueError("the issuer's certificate has none of the provider's thumbprints")
    return ssl.DER_cert_to_PEM_cert(last)


def _sent_certificates(connection: ssl.SSLSocket) -> list[bytes]:
    """The certificates in the order in which the server sent them. Python has it in its API from 3.13 on."""
    public: Callable[[], list[bytes]] | None = getattr(connection, "get_unverified_chain", None)
    if public is not None:
        return public()
    encoding_der = 2
    inner: Any = getattr(connection, "_sslobj")  # noqa: B009
    return [certificate.public_bytes(encoding_der) for certificate in inner.get_unverified_chain()]
