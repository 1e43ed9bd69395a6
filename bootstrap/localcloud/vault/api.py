"""Calls of the local Vault's API, and the login by a machine's certificate."""

from pathlib import Path
from typing import Any

import httpx2

from bootstrap.errors import BootstrapError
from bootstrap.localcloud import loopback
from bootstrap.localcloud.certificates import Pair
from bootstrap.localcloud.vault.deployer_policy import MACHINES_MOUNT

_TIMEOUT_SECONDS = 15


def anonymous(address: str, authority: Path, pair: Pair | None = None) -> httpx2.Client:
    """A client that trusts this very Vault's authority only, so no other program on the port is taken for it."""
    return loopback.client(address, authority, pair, timeout=_TIMEOUT_SECONDS)


def login(address: str, authority: Path, pair: Pair, role: str | None = None) -> httpx2.Client:
    """A client that is the machine which the certificate names, in a role, or in the one that lets it in."""
    with anonymous(address, authority, pair) as http:
        answer = call(http, "POST", f"auth/{MACHINES_MOUNT}/login", {"name": role} if role else {})
    logged_in = anonymous(address, authority)
    logged_in.headers["X-Vault-Token"] = answer["auth"]["client_token"]
    return logged_in


def call(http: httpx2.Client, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One call of the API. A refusal is told in Vault's words; what was sent is not repeated."""
    answer = http.request(method, f"/v1/{path}", json=body)
    if answer.is_error:
        said = "; ".join(answer.json().get("errors", [])) if answer.content else str(answer.status_code)
        raise BootstrapError(
            f"local Vault: {method} {path}",
            said,
            "run `make down STACK=local-vault`, then up again: that makes everything anew",
        )
    return answer.json() if answer.content else {}
