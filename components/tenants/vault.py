"""The tenants' keys in Vault: a transit key for each tenant, which never leaves Vault."""

import base64
from dataclasses import dataclass
from typing import Any

from .envelope import EnvelopeCipher
from .errors import TenantKeyError
from .names import associated_data, require_tenant, tenant_key_name


@dataclass(frozen=True, kw_only=True)
class VaultKeyStore:
    """The keys that VaultTenantKeys makes.

    client: an hvac.Client that is logged in as whoever acts: the tenant to encrypt and decrypt, an administrator to
        rotate, retire and shred.
    mount: the transit engine in which the keys lie, such as `platform/prod/transit`.

    Source: Vault, "Transit secrets engine (API)" (`associated_data`, `min_decryption_version`, `deletion_allowed`).
    """

    client: Any
    mount: str

    def cipher(self, tenant: str, *, ttl_seconds: int = 300, renew_seconds: int = 86400) -> EnvelopeCipher:
        """What encrypts and decrypts a tenant's data. Make it once and keep it; the arguments are EnvelopeCipher's.

        Raises TenantKeyError for a name or a time that cannot work. Nothing is called yet.
        """
        require_tenant(tenant)
        key = _TransitKey(client=self.client, mount=self.mount, tenant=tenant)
        return EnvelopeCipher(tenant, key, ttl_seconds=ttl_seconds, renew_seconds=renew_seconds)

    def rotate(self, tenant: str) -> int:
        """Make a new version of a tenant's key and return its number. What was encrypted before stays readable.

        Ciphers take the new version with their next working key. Raises TenantKeyError if the tenant has no key, and
        hvac's VaultError if Vault refuses.
        """
        versions = self._versions(tenant)
        self.client.write_data(f"{self._path(tenant)}/rotate", data={})
        return max(versions) + 1

    def retire(self, tenant: str) -> int:
        """Let only the newest version decrypt from now on, and return its number.

        Do it after every message of the tenant went through `EnvelopeCipher.rewrap`: what did not is unreadable until
        `min_decryption_version` is set back. Raises TenantKeyError if the tenant has no key, and hvac's VaultError.
        """
        newest = max(self._versions(tenant))
        self.client.write_data(f"{self._path(tenant)}/config", data={"min_decryption_version": newest})
        return newest

    def shred(self, tenant: str) -> int:
        """Delete a tenant's key with all its versions: nothing that was encrypted under it opens again.

        Returns how many versions could still decrypt; 0 if there is no key. Ciphers that hold a working key go on until
        their time is over, and a snapshot of Vault's storage brings the key back while it is kept. Raises hvac's
        VaultError if Vault refuses.
        """
        require_tenant(tenant)
        found = self.client.read(self._path(tenant))
        if found is None:
            return 0
        self.client.write_data(f"{self._path(tenant)}/config", data={"deletion_allowed": True})
        self.client.delete(self._path(tenant))
        return len(found["data"]["keys"])

    def _versions(self, tenant: str) -> list[int]:
        require_tenant(tenant)
        found = self.client.read(self._path(tenant))
        if found is None:
            raise TenantKeyError(f"tenant {tenant} has no key: take it up in VaultTenantKeys")
        return [int(version) for version in found["data"]["keys"]]

    def _path(self, tenant: str) -> str:
        return f"{self.mount}/keys/{tenant_key_name(tenant)}"


@dataclass(frozen=True, kw_only=True)
class _TransitKey:
    """The tenant's name is associated data of every call, and the tenant's policy allows no other."""

    client: Any
    mount: str
    tenant: str

    def wrap(self, key: bytes) -> bytes:
        sealed = self._call("encrypt", plaintext=base64.b64encode(key).decode())
        return sealed["ciphertext"].encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        return base64.b64decode(self._call("decrypt", ciphertext=wrapped.decode("ascii"))["plaintext"])

    def _call(self, what: str, **data: str) -> dict[str, str]:
        bound = {**data, "associated_data": base64.b64encode(associated_data(self.tenant)).decode()}
        return self.client.write_data(f"{self.mount}/{what}/{tenant_key_name(self.tenant)}", data=bound)["data"]
