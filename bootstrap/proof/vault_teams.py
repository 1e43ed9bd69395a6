"""Attacks on the roles by which the stores of teams log in to Vault. What a store opens of another team's: `teams`."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import httpx2

from bootstrap.proof import teams
from bootstrap.proof.attack import Attack
from bootstrap.proof.vault_answers import NO_WRITE, VAULT, Login, log_in, logged_in_as, refusable, token_for
from bootstrap.verification.vault import VaultView


def attacks(view: VaultView) -> Sequence[Attack]:
    """What is tried with the first team's role, and with the second team's token; nothing with fewer teams."""
    return [
        attack
        for team, other in list(pairwise(teams.teams_of(view)))[:1]
        for attack in (_by_another_team(view, team, other), *_excesses(view, team))
    ]


def login_of(view: VaultView, team: str) -> Login:
    """How the store of a team logs in, as the cluster holds it."""
    auth: dict[str, dict[str, Any]] = teams.store_of(view, team)["spec"]["provider"]["vault"]["auth"]
    if "jwt" in auth:
        given = auth["jwt"]
        mount, account = given["path"], given["kubernetesServiceAccountToken"]["serviceAccountRef"]
    else:
        given = auth["kubernetes"]
        mount, account = given["mountPath"], given["serviceAccountRef"]
    return {
        "role": f"{mount}/role/{given['role']}",
        "serviceAccount": {"namespace": teams.namespace_of(view, team), "name": account["name"]},
        "audiences": view.audiences,  # the environment's: every store of it has the same
    }


def _by_another_team(view: VaultView, team: str, other: str) -> Attack:
    def present(whose: str) -> None:
        log_in(view, token_for(view, login_of(view, whose)), login_of(view, team)["role"])

    return Attack(
        name=f"team {other} logs in as team {team}",
        control="the role's namespace",
        judge=VAULT,
        rightful=lambda: present(team),
        attempt=lambda: present(other),
    )


def _excesses(view: VaultView, team: str) -> list[Attack]:
    container = teams.container_of(view, team)
    own = f"/v1/{view.address_of(container)}"
    folder = f"/v1/{view.references['secretsMount']}/metadata/{container.rpartition('/')[0]}"
    tried: dict[str, Callable[[httpx2.Client], httpx2.Response]] = {
        f"team {team} writes its own secret": lambda http: http.post(own, json=NO_WRITE),
        f"team {team} lists its own secrets": lambda http: http.request("LIST", folder),
    }

    def try_(call: Callable[[httpx2.Client], httpx2.Response]) -> None:
        teams.fill(view, container)
        with logged_in_as(view, login_of(view, team)) as http:
            refusable(call(http))

    return [
        Attack(
            name=name,
            control="the policy of the team's role",
            judge=VAULT,
            rightful=lambda: try_(lambda http: http.get(own).raise_for_status()),
            attempt=lambda call=call: try_(call),
        )
        for name, call in tried.items()
    ]
