"""Attacks on the role by which CI logs in to Vault to fill secrets, where the stack's references name one as `ci`."""

from collections.abc import Callable, Sequence

import httpx2

from bootstrap.proof import tenants
from bootstrap.proof.attack import Attack
from bootstrap.proof.vault_answers import NO_WRITE, VAULT, Login, log_in, logged_in_as, refusable, token_for
from bootstrap.verification.vault import VaultView

_CONTAINER = f"{tenants.PREFIX}secret"


def attacks(view: VaultView, others: Sequence[VaultView]) -> Sequence[Attack]:
    """What is tried with CI's tokens and with those of others; nothing without CI."""
    ci = view.references.get("ci")
    return [*_logins(view, others, ci), *_excesses(view, ci)] if ci else []


def _logins(view: VaultView, others: Sequence[VaultView], ci: Login) -> list[Attack]:
    presented: dict[str, tuple[str, Callable[[], str]]] = {
        "another service account logs in as CI": (
            "`sub` in the role's claims",
            lambda: token_for(view, ci, name="default"),
        ),
        "a token of CI's for another audience logs in as CI": (
            "the role's audience",
            lambda: token_for(view, ci, *view.audiences),
        ),
    }
    for other in others:
        if "ci" in other.references:
            presented[f"CI of {other.name}'s cluster logs in as CI"] = (
                "the issuer of the role's mount",
                lambda other=other: token_for(other, other.references["ci"]),
            )
    return [
        *(
            Attack(
                name=name,
                control=control,
                judge=VAULT,
                rightful=lambda: log_in(view, token_for(view, ci), ci["role"]),
                attempt=lambda token=token: log_in(view, token(), ci["role"]),
            )
            for name, (control, token) in presented.items()
        ),
        Attack(
            name="CI logs in as the operator",
            control="the role's service account",
            judge=VAULT,
            rightful=lambda: log_in(view, view.operator_token()),
            attempt=lambda: log_in(view, view.operator_token(**ci["serviceAccount"])),
        ),
    ]


def _excesses(view: VaultView, ci: Login) -> list[Attack]:
    filled, first = f"/v1/{view.address_of(_CONTAINER)}", f"/v1/{view.canary_address}"
    tried: dict[str, Callable[[httpx2.Client], httpx2.Response]] = {
        "CI reads the secret that it fills": lambda http: http.get(filled),
        "CI fills what the operator alone fills": lambda http: http.post(first, json=NO_WRITE),
    }

    def try_(call: Callable[[httpx2.Client], httpx2.Response]) -> None:
        with tenants.filled(view, _CONTAINER), logged_in_as(view, ci) as http:
            refusable(call(http))

    return [
        Attack(
            name=name,
            control="the writers' policy",
            judge=VAULT,
            rightful=lambda: try_(lambda http: http.post(filled, json={"data": {"value": "proof"}}).raise_for_status()),
            attempt=lambda call=call: try_(call),
        )
        for name, call in tried.items()
    ]
