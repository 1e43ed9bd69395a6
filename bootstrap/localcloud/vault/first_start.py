"""What a new Vault is given once: an audit device, the machines' login, the deployer. Then its root token is revoked.

The unseal key is in a file that only its owner reads; so is the root token, until it is revoked. Neither is ever in an
argument, a variable or a log.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bootstrap.localcloud.vault.api import call
from bootstrap.localcloud.vault.deployer_policy import MACHINES_MOUNT, deployer_policy
from bootstrap.localcloud.vault.machines import DEPLOYER, Machines
from bootstrap.localcloud.vault.server import AUDIT_LOG
from bootstrap.paths import broken_record, write_private

_TOKEN_SECONDS = 3600


@dataclass(frozen=True)
class Seal:
    """The file that opens a Vault. `root_token` is None once it is revoked."""

    file: Path

    @property
    def unseal_key(self) -> str:
        return str(self._read()["unseal_key"])

    @property
    def root_token(self) -> str | None:
        return self._read()["root_token"]

    def write(self, unseal_key: str, root_token: str | None) -> None:
        write_private(self.file, json.dumps({"unseal_key": unseal_key, "root_token": root_token}))

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self.file.read_text())
            return {"unseal_key": data["unseal_key"], "root_token": data["root_token"]}
        except (OSError, ValueError, KeyError, TypeError):
            raise broken_record(self.file) from None


def initialise(http: httpx2.Client, seal: Seal) -> None:
    """One share is enough: whoever has the folder has it all."""
    made = call(http, "PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
    seal.write(made["keys_base64"][0], made["root_token"])


def unseal(http: httpx2.Client, seal: Seal) -> None:
    call(http, "PUT", "sys/unseal", {"key": seal.unseal_key})


def set_up(http: httpx2.Client, seal: Seal, directory: Path, machines: Machines) -> None:
    """Finish what a first start may have left unfinished. Each step can be repeated; without root there is none."""
    token = seal.root_token
    if token is None:
        return
    http.headers["X-Vault-Token"] = token
    if http.get("/v1/auth/token/lookup-self").status_code != httpx2.codes.FORBIDDEN:  # else it is revoked already
        # First: the log then tells of all that follows.
        if "file/" not in call(http, "GET", "sys/audit"):
            options = {"file_path": str(directory / AUDIT_LOG), "mode": "0600"}
            call(http, "PUT", "sys/audit/file", {"type": "file", "options": options})
        if f"{MACHINES_MOUNT}/" not in call(http, "GET", "sys/auth"):
            call(http, "POST", f"sys/auth/{MACHINES_MOUNT}", {"type": "cert"})
        call(http, "PUT", f"sys/policies/acl/{DEPLOYER}", {"policy": deployer_policy()})
        role = {
            "certificate": machines.authority.certificate.read_text(),
            "allowed_common_names": [DEPLOYER],
            "token_policies": [DEPLOYER],
            "token_no_default_policy": True,
            "token_ttl": _TOKEN_SECONDS,
            "token_max_ttl": _TOKEN_SECONDS,
        }
        call(http, "POST", f"auth/{MACHINES_MOUNT}/certs/{DEPLOYER}", role)
        call(http, "POST", "auth/token/revoke-self")
    seal.write(seal.unseal_key, None)
