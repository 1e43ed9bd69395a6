"""What a killed run created in Vault without recording it: found by its path, removed only if it is the environment's.

Most of it is written to a path of the environment's own and written again by the next run. Mounts are not: the API
refuses a path that is taken.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.certificates import Pair
from bootstrap.localcloud.vault.api import login
from bootstrap.localcloud.vault.machines import DEPLOYER

if TYPE_CHECKING:
    import httpx2

    from bootstrap.recovery.leftover import Leftover

_WRITTEN_AGAIN = "one path of the API; the next up writes the same again"
_PATHS = frozenset(
    {
        "vault:database/secretBackendRole:SecretBackendRole",
        "vault:database/secretBackendStaticRole:SecretBackendStaticRole",
        "vault:generic/endpoint:Endpoint",
        "vault:index/certAuthBackendRole:CertAuthBackendRole",
        "vault:index/policy:Policy",
        "vault:jwt/authBackendRole:AuthBackendRole",
        "vault:kubernetes/authBackendConfig:AuthBackendConfig",
        "vault:kubernetes/authBackendRole:AuthBackendRole",
        "vault:kv/secretBackendV2:SecretBackendV2",
        "vault:kv/secretV2:SecretV2",
        "vault:transit/secretBackendKey:SecretBackendKey",
    }
)
# Where mounts of a type are listed, and what is in one that is in use.
_MOUNTS: Mapping[str, tuple[str, str]] = {
    "vault:index/mount:Mount": ("sys/mounts", ""),
    "vault:index/authBackend:AuthBackend": ("sys/auth", "auth/"),
    "vault:jwt/authBackend:AuthBackend": ("sys/auth", "auth/"),
}
_CONTENT = {"kv": "metadata", "transit": "keys", "kubernetes": "role", "jwt": "role", "database": "roles"}


def remove(leftover: "Leftover") -> str:
    """Remove the object behind one unrecorded creation and say what was done."""
    if leftover.type in _PATHS:
        return _WRITTEN_AGAIN
    if leftover.type not in _MOUNTS:
        raise BootstrapError(
            leftover.urn, f"recovery does not know {leftover.type}", "look for it in Vault and delete or import it"
        )
    with _deployer(leftover) as vault:
        return _unmount(leftover, vault)


def _unmount(leftover: "Leftover", vault: "httpx2.Client") -> str:
    path, (table, api) = str(leftover.inputs["path"]), _MOUNTS[leftover.type]
    if leftover.is_recorded(path):
        return "is recorded"
    answer = vault.get(f"/v1/{table}/{path}")
    if answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):  # Vault's words for "no such mount"
        return "was never created"
    found: dict[str, Any] = answer.raise_for_status().json()["data"]
    wanted = leftover.inputs.get("description")
    if not wanted or (found["type"], found["description"]) != (leftover.inputs["type"], wanted):
        raise BootstrapError(
            leftover.urn,
            f"{path} is mounted without this environment's description",
            "choose another path, or import it with `pulumi import`",
        )
    listed = vault.request("LIST", f"/v1/{api}{path}/{_CONTENT[found['type']]}")
    if listed.status_code != HTTPStatus.NOT_FOUND:
        listed.raise_for_status()
        raise BootstrapError(
            leftover.urn, f"{path} holds something already", "import it: pulumi import, or unmount it yourself"
        )
    vault.delete(f"/v1/{table}/{path}").raise_for_status()
    return "unmounted, it was empty"


def _deployer(leftover: "Leftover") -> "httpx2.Client":
    given = leftover.cloud_environment
    pair = Pair(Path(given["VAULT_CLIENT_CERT"]), Path(given["VAULT_CLIENT_KEY"]))
    return login(given["VAULT_ADDR"], Path(given["VAULT_CACERT"]), pair, DEPLOYER)
