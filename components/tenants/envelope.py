"""Envelope encryption under a tenant's key that never leaves its key service: Vault, Cloud KMS or Key Vault."""

# The libraries come without type stubs.
# pyright: reportMissingTypeStubs=false

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .cipher import TenantCipher
from .errors import TenantDataError, TenantKeyError
from .names import require_tenant

_FORMAT = b"\x01"
_LENGTH_BYTES = 2
_KEY_BYTES = 32
_KEPT = 1000
# Each message draws a random nonce of 96 bits under the working key: NIST SP 800-38D, 8.3, allows 2^32 of them.
_MESSAGES = 2**32


class TenantKey(Protocol):
    """One tenant's key where it lies. Both calls go to the key service, and raise what its library raises."""

    def wrap(self, key: bytes) -> bytes:
        """A short key, encrypted under the newest version."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """What `wrap` was given, under whichever version."""
        ...


@dataclass
class _Working:
    """A working key that the key service has opened: `rewrapped` is the same under the tenant's newest version."""

    key: bytes = field(repr=False)
    cipher: TenantCipher
    until: float
    rewrapped: bytes | None = None


class EnvelopeCipher:
    """Encrypts and decrypts the data of one tenant: tenant's key → working key → a data key for each message.

    tenant: whose data it is.
    tenant_key: the tenant's key.
    ttl_seconds: how long an opened working key is used before the key service is asked again, which is also how long a
        shredded key or a withdrawn permission still works here; seconds, 1 to 86400; default 300.
    renew_seconds: how long messages are encrypted under one working key, and so how long after a rotation the old
        version is still used; seconds, `ttl_seconds` to 604800; default 86400.

    A working key is made here, wrapped by the tenant's key, and stands wrapped in front of each message. Behind it is a
    message of TenantCipher, whose format, key commitment and binding to tenant and context are the AWS Encryption
    SDK's, with its Raw AES keyring: it runs without AWS.

    Raises TenantKeyError for a name or times that cannot work.
    """

    def __init__(
        self, tenant: str, tenant_key: TenantKey, *, ttl_seconds: int = 300, renew_seconds: int = 86400
    ) -> None:
        require_tenant(tenant)
        if not 1 <= ttl_seconds <= 86400:
            raise TenantKeyError("ttl_seconds is not from 1 to 86400: 300 is usual")
        if not ttl_seconds <= renew_seconds <= 604800:
            raise TenantKeyError("renew_seconds is not from ttl_seconds to 604800: 86400 is usual")
        self.tenant = tenant
        self._tenant_key = tenant_key
        self._ttl, self._renew = ttl_seconds, renew_seconds
        self._opened: OrderedDict[bytes, _Working] = OrderedDict()
        self._current, self._renewed, self._messages = b"", 0.0, 0
        self._lock = threading.RLock()

    def encrypt(self, plaintext: bytes, context: Mapping[str, str] | None = None) -> bytes:
        """A message that only this tenant's key opens.

        plaintext: what is encrypted; bytes, held in memory as a whole.
        context: what the message is about, such as the record's id; texts, no secrets; default none.

        Raises TenantDataError if the key service refuses, or if `context` names the tenant.
        """
        with self._lock:
            wrapped = self._current_key()
            cipher = self._working(wrapped, "encrypted").cipher
        return _front(wrapped) + cipher.encrypt(plaintext, context)

    def decrypt(self, message: bytes, context: Mapping[str, str] | None = None) -> bytes:
        """The text of a message of this tenant.

        message: what `encrypt` or `rewrap` gave.
        context: the same as was given to `encrypt`; default none.

        Raises TenantDataError if it is of another tenant or context, was altered, its key was shredded or retired, or
        the key service refuses.
        """
        wrapped, sealed = self._split(message)
        with self._lock:
            cipher = self._working(wrapped, "decrypted").cipher
        return cipher.decrypt(sealed, context)

    def rewrap(self, message: bytes) -> bytes:
        """The same message under the newest version of the tenant's key; its data is not encrypted again.

        Do this to every message before old versions are retired. Raises TenantDataError as `decrypt` does, except
        that the data is not looked at.
        """
        wrapped, sealed = self._split(message)
        with self._lock:
            working = self._working(wrapped, "rewrapped")
            if working.rewrapped is None:
                working.rewrapped = self._ask(lambda: self._tenant_key.wrap(working.key), "rewrapped")
            return _front(working.rewrapped) + sealed

    def _current_key(self) -> bytes:
        now = time.monotonic()
        if not self._current or now >= self._renewed + self._renew or self._messages >= _MESSAGES:
            key = os.urandom(_KEY_BYTES)
            self._current = self._ask(lambda: self._tenant_key.wrap(key), "encrypted")
            self._renewed, self._messages = now, 0
            self._keep(self._current, key)
        self._messages += 1
        return self._current

    def _working(self, wrapped: bytes, done: str) -> _Working:
        working = self._opened.get(wrapped)
        if working is None or time.monotonic() >= working.until:
            self._opened.pop(wrapped, None)
            return self._keep(wrapped, self._ask(lambda: self._tenant_key.unwrap(wrapped), done))
        self._opened.move_to_end(wrapped)
        return working

    def _keep(self, wrapped: bytes, key: bytes) -> _Working:
        until = time.monotonic() + self._ttl
        self._opened[wrapped] = _Working(key, TenantCipher(self.tenant, _keyring(self.tenant, key)), until)
        if len(self._opened) > _KEPT:
            self._opened.popitem(last=False)
        return self._opened[wrapped]

    def _ask(self, call: Callable[[], bytes], done: str) -> bytes:
        try:
            return call()
        except Exception as error:  # each service's library has errors of its own, and none is loaded here
            said = " ".join(str(error).split())
            text = f"data of tenant {self.tenant} cannot be {done}: {type(error).__name__}: {said}"
            raise TenantDataError(text) from None

    def _split(self, message: bytes) -> tuple[bytes, bytes]:
        at = len(_FORMAT) + _LENGTH_BYTES
        end = at + int.from_bytes(message[len(_FORMAT) : at], "big")
        if not message.startswith(_FORMAT) or len(message) <= end:
            raise TenantDataError(f"data of tenant {self.tenant} cannot be decrypted: it is no message of `encrypt`")
        return message[at:end], message[end:]


def _front(wrapped: bytes) -> bytes:
    return _FORMAT + len(wrapped).to_bytes(_LENGTH_BYTES, "big") + wrapped


def _keyring(tenant: str, key: bytes) -> Any:
    from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
    from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
    from aws_cryptographic_material_providers.mpl.models import AesWrappingAlg, CreateRawAesKeyringInput

    return AwsCryptographicMaterialProviders(config=MaterialProvidersConfig()).create_raw_aes_keyring(
        CreateRawAesKeyringInput(
            key_namespace="secrets-bootstrap",
            key_name=tenant,
            wrapping_key=key,
            wrapping_alg=AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16,
        )
    )
