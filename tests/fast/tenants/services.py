"""Vault and Cloud KMS as far as the key stores call them, in this process: neither was run. Key Vault: `key_vault.py`.

Each keeps keys in versions, does real cryptography, and refuses what its service refuses. Vault's real answers are in
`tests/engine/vault/test_tenant_keys.py`.
"""

import base64
import os
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from components.tenants import AzureKeyStore, GcpKeyStore, VaultKeyStore
from tests.fast.tenants.key_vault import key_vault

MOUNT, RING = "platform/prod/transit", "projects/example-prod/locations/europe-west1/keyRings/platform-prod"
TENANTS = ("acme", "globex")


class RefusedError(Exception):
    """What a service's library raises."""


@dataclass
class Versions:
    """One symmetric key; `least` is the oldest version that decrypts."""

    keys: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    least: int = 1
    deletable: bool = False

    def seal(self, text: bytes, bound: bytes) -> tuple[int, bytes]:
        nonce = os.urandom(12)
        return len(self.keys), nonce + AESGCM(self.keys[-1]).encrypt(nonce, text, bound)

    def open(self, version: int, sealed: bytes, bound: bytes) -> bytes:
        if not self.least <= version <= len(self.keys):
            raise RefusedError("disallowed version")
        return AESGCM(self.keys[version - 1]).decrypt(sealed[:12], sealed[12:], bound)


@dataclass
class Transit:
    """What hvac.Client gives of transit."""

    calls: list[str] = field(default_factory=list)
    keys: dict[str, Versions] = field(default_factory=lambda: {f"tenant-{one}": Versions() for one in TENANTS})

    def write_data(self, path: str, *, data: dict[str, Any]) -> Any:
        self.calls.append(path)
        _, _, rest = path.partition(f"{MOUNT}/")
        verb, name, *more = rest.split("/")
        if name not in self.keys:
            raise RefusedError("encryption key not found")
        key = self.keys[name]
        if verb == "keys":
            return self._configure(key, more[0], data)
        bound = base64.b64decode(data["associated_data"])
        if verb == "encrypt":
            version, sealed = key.seal(base64.b64decode(data["plaintext"]), bound)
            return {"data": {"ciphertext": f"vault:v{version}:{base64.b64encode(sealed).decode()}"}}
        _, version, sealed = data["ciphertext"].split(":")
        text = key.open(int(version[1:]), base64.b64decode(sealed), bound)
        return {"data": {"plaintext": base64.b64encode(text).decode()}}

    @staticmethod
    def _configure(key: Versions, what: str, data: dict[str, Any]) -> None:
        if what == "rotate":
            key.keys.append(os.urandom(32))
        key.least = data.get("min_decryption_version", key.least)
        key.deletable = data.get("deletion_allowed", key.deletable)

    def read(self, path: str) -> Any:
        key = self.keys.get(path.removeprefix(f"{MOUNT}/keys/"))
        return key and {"data": {"keys": {str(one): 0 for one in range(key.least, len(key.keys) + 1)}}}

    def delete(self, path: str) -> None:
        name = path.removeprefix(f"{MOUNT}/keys/")
        if not self.keys[name].deletable:
            raise RefusedError("deletion is not allowed for this key")
        del self.keys[name]


@dataclass
class CloudKms:
    """What google-cloud-kms's KeyManagementServiceClient gives. `gone` are names of versions that were destroyed."""

    calls: list[str] = field(default_factory=list)
    keys: dict[str, Versions] = field(
        default_factory=lambda: {f"{RING}/cryptoKeys/tenant-{one}": Versions() for one in TENANTS}
    )
    gone: set[str] = field(default_factory=set)

    def _at(self, call: str, name: str) -> Versions:
        self.calls.append(call)
        if name not in self.keys:
            raise RefusedError("NOT_FOUND")
        return self.keys[name]

    def encrypt(self, *, request: dict[str, Any]) -> Any:
        key = self._at("encrypt", request["name"])
        version, sealed = key.seal(request["plaintext"], request["additional_authenticated_data"])
        return SimpleNamespace(ciphertext=bytes([version]) + sealed)

    def decrypt(self, *, request: dict[str, Any]) -> Any:
        key, sealed = self._at("decrypt", request["name"]), request["ciphertext"]
        if f"{request['name']}/cryptoKeyVersions/{sealed[0]}" in self.gone:
            raise RefusedError("FAILED_PRECONDITION: DESTROY_SCHEDULED")
        bound = request["additional_authenticated_data"]
        return SimpleNamespace(plaintext=key.open(sealed[0], sealed[1:], bound))

    def create_crypto_key_version(self, *, request: dict[str, Any]) -> Any:
        key = self._at("create", request["parent"])
        key.keys.append(os.urandom(32))
        return SimpleNamespace(name=f"{request['parent']}/cryptoKeyVersions/{len(key.keys)}")

    def update_crypto_key_primary_version(self, *, request: dict[str, Any]) -> None:
        assert int(request["crypto_key_version_id"]) == len(self._at("update", request["name"]).keys)

    def list_crypto_key_versions(self, *, request: dict[str, Any]) -> Any:
        parent = request["parent"]
        names = [f"{parent}/cryptoKeyVersions/{one + 1}" for one in range(len(self._at("list", parent).keys))]
        states = ["DESTROY_SCHEDULED" if name in self.gone else "ENABLED" for name in names]
        return [
            SimpleNamespace(name=name, state=SimpleNamespace(name=state))
            for name, state in zip(names, states, strict=True)
        ]

    def destroy_crypto_key_version(self, *, request: dict[str, Any]) -> None:
        self.gone.add(request["name"])


def stores() -> dict[str, Any]:
    """A store of each service, each with a key for every tenant."""
    return {
        "vault": VaultKeyStore(client=Transit(), mount=MOUNT),
        "gcp": GcpKeyStore(client=CloudKms(), key_ring=RING),
        "azure": AzureKeyStore(client=key_vault(*TENANTS)),
    }
