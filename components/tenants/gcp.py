"""The tenants' keys in Cloud KMS: a crypto key for each tenant, which never leaves KMS."""

from dataclasses import dataclass
from typing import Any

from .envelope import EnvelopeCipher
from .names import associated_data, require_tenant, tenant_key_name

_GONE = ("DESTROYED", "DESTROY_SCHEDULED")


@dataclass(frozen=True, kw_only=True)
class GcpKeyStore:
    """The keys that GcpTenantKeys makes.

    client: a KeyManagementServiceClient of google-cloud-kms, with the credentials of whoever acts: the tenant's
        principal to encrypt and decrypt, an administrator to rotate and shred.
    key_ring: the environment's ring, as `projects/PROJECT/locations/LOCATION/keyRings/RING`.

    Sources: Cloud KMS API Reference, `cryptoKeys.encrypt`, `decrypt` (`additionalAuthenticatedData`),
    `updatePrimaryVersion` and `cryptoKeyVersions`.
    """

    client: Any
    key_ring: str

    def cipher(self, tenant: str, *, ttl_seconds: int = 300, renew_seconds: int = 86400) -> EnvelopeCipher:
        """What encrypts and decrypts a tenant's data. Make it once and keep it; the arguments are EnvelopeCipher's.

        Raises TenantKeyError for a name or a time that cannot work. Nothing is called yet.
        """
        require_tenant(tenant)
        key = _CryptoKey(client=self.client, name=self._name(tenant), tenant=tenant)
        return EnvelopeCipher(tenant, key, ttl_seconds=ttl_seconds, renew_seconds=renew_seconds)

    def rotate(self, tenant: str) -> int:
        """Make a new version of a tenant's key, the primary one, and return its number. Older ones go on decrypting.

        KMS does the same by itself every `rotation_days`. Raises google.api_core's GoogleAPICallError.
        """
        require_tenant(tenant)
        made = self.client.create_crypto_key_version(request={"parent": self._name(tenant), "crypto_key_version": {}})
        version = made.name.rpartition("/")[2]
        request = {"name": self._name(tenant), "crypto_key_version_id": version}
        self.client.update_crypto_key_primary_version(request=request)
        return int(version)

    def shred(self, tenant: str) -> int:
        """Destroy every version of a tenant's key; returns how many, and 0 if none was left.

        KMS keeps a version restorable until the key's deletion window is over; nothing decrypts with it meanwhile.
        Ciphers that hold a working key go on until their time is over. Raises google.api_core's GoogleAPICallError.
        """
        require_tenant(tenant)
        versions = self.client.list_crypto_key_versions(request={"parent": self._name(tenant)})
        names = [one.name for one in versions if one.state.name not in _GONE]
        for name in names:
            self.client.destroy_crypto_key_version(request={"name": name})
        return len(names)

    def _name(self, tenant: str) -> str:
        return f"{self.key_ring}/cryptoKeys/{tenant_key_name(tenant)}"


@dataclass(frozen=True, kw_only=True)
class _CryptoKey:
    """The tenant's name is additional authenticated data of every call."""

    client: Any
    name: str
    tenant: str

    def wrap(self, key: bytes) -> bytes:
        return self.client.encrypt(request=self._request(plaintext=key)).ciphertext

    def unwrap(self, wrapped: bytes) -> bytes:
        return self.client.decrypt(request=self._request(ciphertext=wrapped)).plaintext

    def _request(self, **data: bytes) -> dict[str, Any]:
        return {"name": self.name, **data, "additional_authenticated_data": associated_data(self.tenant)}
