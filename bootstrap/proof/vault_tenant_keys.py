"""Attacks on the tenants' keys in Vault, where the stack's references name them as `tenantKeys`.

A tenant's data are under keys that its key in transit seals, with the tenant's name bound to each.
"""

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import httpx2

from bootstrap.proof.attack import Attack
from bootstrap.proof.vault_answers import VAULT, Login, log_in, logged_in_as, refusable, token_for
from bootstrap.verification.environment import RefusedError
from bootstrap.verification.vault import VaultView
from bootstrap.verification.vault_tenants import bound_to, path, seal

_NOT_ITS_SEAL = "message authentication failed"
"""Vault's words for a ciphertext of another key or name."""


def attacks(view: VaultView) -> Sequence[Attack]:
    """What the second tenant, the first itself and the operator try with the first one's key; nothing with fewer."""
    found = list(pairwise(view.references["tenantKeys"]["tenants"] if "tenantKeys" in view.references else ()))
    return [attack for tenant, other in found[:1] for attack in _on(view, tenant, other)]


def _on(view: VaultView, tenant: str, other: str) -> Sequence[Attack]:
    own, theirs = _login(view, tenant), _login(view, other)
    return [
        Attack(
            name=f"tenant {other} logs in as tenant {tenant}",
            control="the role's service account",
            judge=VAULT,
            rightful=lambda: log_in(view, token_for(view, own), own["role"]),
            attempt=lambda: log_in(view, token_for(view, theirs), own["role"]),
        ),
        *(
            Attack(
                name=name,
                control=control,
                judge=VAULT,
                rightful=lambda: _open(logged_in_as(view, own), own, tenant, _seal(view, tenant)),
                attempt=attempt,
            )
            for name, (control, attempt) in _tried(view, tenant, other).items()
        ),
    ]


def _tried(view: VaultView, tenant: str, other: str) -> dict[str, tuple[str, Callable[[], object]]]:
    own, theirs = _login(view, tenant), _login(view, other)
    return {
        f"tenant {other} opens a data key of tenant {tenant}": (
            "the key in the tenant's policy",
            lambda: _open(logged_in_as(view, theirs), own, tenant, _seal(view, tenant)),
        ),
        f"tenant {other} opens a data key of tenant {tenant} as its own": (
            "the key and the name under the seal",
            lambda: _open(logged_in_as(view, theirs), theirs, other, _moved(view, tenant, other)),
        ),
        f"the operator opens a data key of tenant {tenant}": (
            "the policy of its role",
            lambda: _open(view.identity(), own, tenant, _seal(view, tenant)),
        ),
        f"tenant {tenant} seals in the name of tenant {other}": (
            "the name in the tenant's policy",
            lambda: _seal(view, tenant, name=other),
        ),
        f"tenant {tenant} rotates its key": ("the tenant's policy", lambda: _rotate(view, own)),
        f"tenant {tenant} deletes its key": ("the tenant's policy", lambda: _delete(view, own)),
    }


def _open(somebody: AbstractContextManager[httpx2.Client], key: Login, name: str, ciphertext: str) -> None:
    """Open a data key as somebody, under a tenant's key and in a tenant's name."""
    asked = {"ciphertext": ciphertext, "associated_data": bound_to(name)}
    with somebody as http:
        answer = http.post(path(key, "decrypt"), json=asked)
    refusable(answer)
    if answer.status_code == HTTPStatus.BAD_REQUEST and _NOT_ITS_SEAL in answer.text:
        raise RefusedError(_NOT_ITS_SEAL)
    answer.raise_for_status()


def _seal(view: VaultView, tenant: str, *, name: str = "") -> str:
    """A new data key, sealed by a tenant in a tenant's name, by default its own."""
    login = _login(view, tenant)
    plaintext = base64.b64encode(secrets.token_bytes(32)).decode()
    with logged_in_as(view, login) as http:
        answer = seal(http, login, name or tenant, plaintext)
    refusable(answer)
    return str(answer.raise_for_status().json()["data"]["ciphertext"])


def _moved(view: VaultView, tenant: str, other: str) -> str:
    """A data key of a tenant as one of the other's: under a version that the other's key has."""
    version, data = _seal(view, other).rpartition(":")[0], _seal(view, tenant).rpartition(":")[2]
    return f"{version}:{data}"


def _rotate(view: VaultView, own: Login) -> None:
    with logged_in_as(view, own) as http:
        refusable(http.post(f"/v1/{own['keyId']}/rotate", json={}))


def _delete(view: VaultView, own: Login) -> None:
    with _kept(view, own), logged_in_as(view, own) as http:
        refusable(http.delete(f"/v1/{own['keyId']}"))


@contextmanager
def _kept(view: VaultView, tenant: Login) -> Iterator[None]:
    """Vault itself keeps the key: whoever is let through is told so, and deletes nothing."""
    key = f"/v1/{tenant['keyId']}"
    with view.vault.login() as deployer:
        found: Mapping[str, Any] = deployer.get(key).raise_for_status().json()["data"]
        deployer.post(f"{key}/config", json={"deletion_allowed": False}).raise_for_status()
        try:
            yield
        finally:
            before = {"deletion_allowed": found["deletion_allowed"]}
            deployer.post(f"{key}/config", json=before).raise_for_status()


def _login(view: VaultView, tenant: str) -> Login:
    login: Login = view.references["tenantKeys"]["tenants"][tenant]
    return login
