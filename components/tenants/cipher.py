"""One tenant's data: encrypted under its own key and bound to its name. It owns neither keys nor their store."""

# The libraries come without type stubs.
# pyright: reportMissingTypeStubs=false

import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from .errors import TenantDataError
from .names import require_tenant

TENANT = "tenant"
"""The key of the encryption context under which the tenant's name stands."""
_SEALED = "it was encrypted for another tenant or context, or was altered"


class TenantCipher:
    """Encrypts and decrypts the data of one tenant.

    tenant: whose data it is.
    keyring: the keyring of that tenant's key.

    Each message has a data key of its own and the format of the AWS Encryption SDK, with key commitment. Its
    encryption context is the tenant's name and what the caller adds. Nothing of it is stored with the message: who
    decrypts has to say it again, and another word, a missing or a further one does not open it.

    Raises TenantKeyError for a name that is none.
    Sources: AWS Encryption SDK Developer Guide, "Required encryption context CMM" and "Supported algorithm suites"
    (without signatures: whoever may decrypt here may encrypt too, so a signature would say nothing).
    """

    def __init__(self, tenant: str, keyring: Any) -> None:
        require_tenant(tenant)
        self.tenant = tenant
        self._keyring = keyring
        self._managers: dict[tuple[str, ...], Any] = {}
        self._lock = threading.Lock()

    def encrypt(self, plaintext: bytes, context: Mapping[str, str] | None = None) -> bytes:
        """A message that only this tenant's key opens.

        plaintext: what is encrypted; bytes, held in memory as a whole.
        context: what the message is about, such as the record's id; texts, no secrets; default none.

        Raises TenantDataError if the key store refuses or knows no key of the tenant, or if `context` names the tenant.
        """
        from aws_encryption_sdk import Algorithm

        bound = self._bound(context)
        with _telling(self.tenant, "encrypted"):
            message, _ = _client().encrypt(
                source=plaintext,
                materials_manager=self._manager(bound),
                encryption_context=bound,
                algorithm=Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
            )
        return message

    def decrypt(self, message: bytes, context: Mapping[str, str] | None = None) -> bytes:
        """The text of a message of this tenant.

        message: what `encrypt` gave.
        context: the same as was given to `encrypt`; default none.

        Raises TenantDataError if it is of another tenant or context, was altered, its key was shredded, or the key
        store refuses.
        """
        bound = self._bound(context)
        with _telling(self.tenant, "decrypted"):
            plaintext, header = _client().decrypt(
                source=message, materials_manager=self._manager(bound), encryption_context=bound
            )
        if header.encryption_context:
            # What stands in the header was not asked for: somebody encrypted it in another way.
            raise TenantDataError(f"a message of tenant {self.tenant} was not encrypted by `encrypt`: do not use it")
        return plaintext

    def _bound(self, context: Mapping[str, str] | None) -> dict[str, str]:
        if context and TENANT in context:
            raise TenantDataError(f"`{TENANT}` in the context is the cipher's own: leave it out")
        words: list[object] = [word for pair in (context or {}).items() for word in pair]
        if not all(isinstance(word, str) for word in words):
            raise TenantDataError("the context does not map texts to texts: write numbers as texts")
        return {TENANT: self.tenant, **(context or {})}

    def _manager(self, bound: Mapping[str, str]) -> Any:
        """The materials manager that wants exactly these words: it keeps nothing but the keyring, so one serves all."""
        words = tuple(sorted(bound))
        with self._lock:
            if words not in self._managers:
                self._managers[words] = _new_manager(self._keyring, words)
            return self._managers[words]


def _new_manager(keyring: Any, words: tuple[str, ...]) -> Any:
    from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
    from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
    from aws_cryptographic_material_providers.mpl.models import (
        CreateDefaultCryptographicMaterialsManagerInput,
        CreateRequiredEncryptionContextCMMInput,
    )

    providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
    return providers.create_required_encryption_context_cmm(
        CreateRequiredEncryptionContextCMMInput(
            underlying_cmm=providers.create_default_cryptographic_materials_manager(
                CreateDefaultCryptographicMaterialsManagerInput(keyring=keyring)
            ),
            required_encryption_context_keys=list(words),
        )
    )


@cache
def _client() -> Any:
    from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient

    return EncryptionSDKClient(
        commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, max_encrypted_data_keys=1
    )


@contextmanager
def _telling(tenant: str, done: str) -> Generator[None]:
    """What the libraries say as one error, without the stack that held the data."""
    from aws_cryptographic_material_providers.mpl.errors import ServiceError
    from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
    from cryptography.exceptions import InvalidTag

    try:
        yield
    except (AWSEncryptionSDKClientError, InvalidTag, ServiceError) as error:
        reasons = "; ".join(dict.fromkeys(filter(None, _reasons(error)))) or _SEALED
        raise TenantDataError(f"data of tenant {tenant} cannot be {done}: {reasons}") from None


def _reasons(error: Exception) -> Iterator[str]:
    """What an error says, and what those say that it wraps or collects."""
    inner = [one for one in (*error.args, *getattr(error, "list", ())) if isinstance(one, Exception)]
    if not inner:
        yield str(error).strip()
    for one in inner:
        yield from _reasons(one)
