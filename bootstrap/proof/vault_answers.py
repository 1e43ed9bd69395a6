"""Vault's answers to an attack: what counts as its refusal, and in which words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx2

from bootstrap.verification.environment import RefusedError
from bootstrap.verification.vault import VaultView

VAULT = "Vault"
"""Who judges."""
NO_WRITE: Mapping[str, Any] = {"data": {"value": "proof"}, "options": {"cas": 1_000_000}}
"""A write that is to follow a version which no container has. Vault looks at rights first: whoever is let through
changes nothing."""
Login = Mapping[str, Any]
"""How somebody logs in: `role`, as `<mount>/role/<name>`; `serviceAccount`; `audiences` of its tokens."""


def log_in(view: VaultView, token: str, role: str | None = None) -> httpx2.Response:
    """Vault's answer to a token for a role, by default the environment's own. Raises RefusedError."""
    answer = view.try_login(token, role)
    if answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN):
        raise RefusedError(_words(answer))
    return answer.raise_for_status()


def token_for(view: VaultView, login: Login, *audiences: str, name: str = "") -> str:
    """A token that a login asks for. audiences, name: of another kind, or of another account of its namespace."""
    account: Mapping[str, str] = login["serviceAccount"]
    wanted = audiences or login["audiences"]
    return view.service_account_token(*wanted, namespace=account["namespace"], name=name or account["name"])


@contextmanager
def logged_in_as(view: VaultView, login: Login) -> Iterator[httpx2.Client]:
    """The API as whoever logs in so."""
    given = log_in(view, token_for(view, login), login["role"]).json()["auth"]
    with view.as_holder_of(given["client_token"]) as http:
        yield http


def refusable(answer: httpx2.Response) -> None:
    """A refusal of access is a RefusedError; any other answer means that access was given."""
    if answer.status_code == HTTPStatus.FORBIDDEN:
        raise RefusedError(_words(answer))


def _words(answer: httpx2.Response) -> str:
    """Vault's own words: it repeats no token and no value in them."""
    errors: Any = answer.json().get("errors") or [str(answer.status_code)]
    return " ".join(" ".join(errors).split())[:300]
