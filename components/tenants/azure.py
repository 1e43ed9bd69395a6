"""The tenants' keys in Key Vault: an RSA key for each tenant, whose private half never leaves the vault."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .envelope import EnvelopeCipher
from .names import require_tenant, tenant_key_name


class _WrapAlgorithm(StrEnum):
    """The library's KeyWrapAlgorithm, by the same name and text, so that it need not be installed to import this."""

    rsa_oaep_256 = "RSA-OAEP-256"


@dataclass(frozen=True, kw_only=True)
class AzureKeyStore:
    """The keys that AzureTenantKeys makes.

    client: a KeyClient of azure-keyvault-keys for the environment's vault of keys, with the credentials of whoever
        acts: the tenant's principal to encrypt and decrypt, an administrator to rotate and shred.

    Key Vault binds no further words to a wrapped RSA key: the tenant is bound by his key here, and by the message.

    Source: Azure SDK for Python, `azure.keyvault.keys` 4.11 (`KeyClient`, `CryptographyClient`).
    """

    client: Any

    def cipher(self, tenant: str, *, ttl_seconds: int = 300, renew_seconds: int = 86400) -> EnvelopeCipher:
        """What encrypts and decrypts a tenant's data. Make it once and keep it; the arguments are EnvelopeCipher's.

        Raises TenantKeyError for a name or a time that cannot work. Nothing is called yet.
        """
        require_tenant(tenant)
        key = _VaultKey(client=self.client, name=tenant_key_name(tenant))
        return EnvelopeCipher(tenant, key, ttl_seconds=ttl_seconds, renew_seconds=renew_seconds)

    def rotate(self, tenant: str) -> str:
        """Make a new version of a tenant's key and return its id. Older ones go on unwrapping.

        Key Vault does the same by itself every `rotation_days`. Raises azure.core's AzureError.
        """
        require_tenant(tenant)
        return self.client.rotate_key(tenant_key_name(tenant)).properties.version

    def shred(self, tenant: str) -> None:
        """Delete a tenant's key with all its versions.

        A vault with purge protection keeps it restorable until its retention is over, and its name blocked; nothing
        unwraps with it meanwhile. Without that protection, purge it to be rid of it at once. Ciphers that hold a
        working key go on until their time is over. Raises azure.core's AzureError; ResourceNotFoundError if there is
        no key.
        """
        require_tenant(tenant)
        self.client.begin_delete_key(tenant_key_name(tenant)).wait()


@dataclass(frozen=True, kw_only=True)
class _VaultKey:
    """Key Vault unwraps with the version that it is told, so the version's id stands before the wrapped key."""

    client: Any
    name: str

    def wrap(self, key: bytes) -> bytes:
        # The library wraps here, with the public half: Key Vault is asked for that, and sees no working key.
        wrapped = self.client.get_cryptography_client(self.name).wrap_key(_WrapAlgorithm.rsa_oaep_256, key)
        return wrapped.key_id.rpartition("/")[2].encode() + b":" + wrapped.encrypted_key

    def unwrap(self, wrapped: bytes) -> bytes:
        version, _, sealed = wrapped.partition(b":")
        client = self.client.get_cryptography_client(self.name, key_version=version.decode("ascii"))
        return client.unwrap_key(_WrapAlgorithm.rsa_oaep_256, sealed).key
