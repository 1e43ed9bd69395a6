"""Teams: what the stores of one open of another's. Where teams are and what is theirs, the stack's references say.

Each container of a team gets a value if it has none, as a writer gives it: of an empty one nobody reads anything.
"""

import secrets
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from bootstrap.proof import stage
from bootstrap.proof.attack import Attack
from bootstrap.verification.environment import EnvironmentView
from bootstrap.waiting import wait_until

_CLUSTER_STORE = "ClusterSecretStore"
_COUNTED_SECONDS = 90
"""Definitions that are new are found every 30 seconds (kube-controller-manager), and then counted."""


def attacks(view: EnvironmentView, judge: str) -> Sequence[Attack]:
    """What is tried in an environment's teams; none without teams. judge: the manager."""
    teams, shared = teams_of(view), view.references.get("sharedSecrets")
    ring = [*teams[-1:], *teams]  # each team reads of the one before it
    pairs = [(reader, owner) for owner, reader in pairwise(ring) if reader != owner]
    return [
        *(_by_its_store(view, judge, reader, owner) for reader, owner in pairs),
        *(_by_the_shared_store(view, judge, team) for team in teams[:1] if shared),
        *(_by_the_environments_store(view, team) for team in teams[:1]),
    ]


def teams_of(view: EnvironmentView) -> Sequence[str]:
    """The teams that have a container."""
    teams: Mapping[str, Mapping[str, Sequence[str]]] = view.references.get("teams") or {}
    return [team for team, one in teams.items() if one["secrets"]]


def namespace_of(view: EnvironmentView, team: str) -> str:
    """The first of a team's namespaces."""
    return str(view.references["teams"][team]["namespaces"][0])


def container_of(view: EnvironmentView, team: str) -> str:
    """The first of a team's containers, by its declared name."""
    return str(view.references["teams"][team]["secrets"][0])


def store_of(view: EnvironmentView, team: str) -> Mapping[str, Any]:
    """The SecretStore in that namespace."""
    (store,) = view.get(f"{stage.API}/{namespace_of(view, team)}/secretstores")["items"]
    return dict(store)


def fill(view: EnvironmentView, container: str) -> None:
    """Give a container a value, as a writer does, if it has none."""
    view.fill_first(container, secrets.token_urlsafe(24))


def _by_its_store(view: EnvironmentView, judge: str, reader: str, owner: str) -> Attack:
    def read(team: str) -> None:
        reference = {"kind": "SecretStore", "name": str(store_of(view, reader)["metadata"]["name"])}
        _open(view, namespace_of(view, reader), reference, container_of(view, team))

    return Attack(
        name=f"the store of team {reader} reads a secret of team {owner}",
        control="the team's prefixes in the policies of its identity",
        judge=judge,
        rightful=lambda: read(reader),
        attempt=lambda: read(owner),
    )


def _by_the_shared_store(view: EnvironmentView, judge: str, team: str) -> Attack:
    def read(container: str) -> None:
        stores = view.get("/apis/external-secrets.io/v1/clustersecretstores")["items"]
        names = {str(one["metadata"]["name"]) for one in stores}
        (shared,) = names - {view.references["storeName"]}
        _open(view, namespace_of(view, team), {"kind": _CLUSTER_STORE, "name": shared}, container)

    return Attack(
        name=f"the store that all teams share reads a secret of team {team}",
        control="the shared prefixes in the policies of its identity",
        judge=judge,
        rightful=lambda: read(view.references["sharedSecrets"][0]),
        attempt=lambda: read(container_of(view, team)),
    )


def _by_the_environments_store(view: EnvironmentView, team: str) -> Attack:
    own = {"kind": _CLUSTER_STORE, "name": view.references["storeName"]}

    def by_the_team() -> None:
        _until_counted(view, namespace_of(view, team))
        stage.sync(view, namespace_of(view, team), own)

    return Attack(
        name=f"team {team} uses the environment's own store",
        control="spec.conditions of the ClusterSecretStore",
        judge="external-secrets",
        rightful=lambda: stage.sync(view, view.references["canary"]["namespace"], own),
        attempt=by_the_team,
    )


def _until_counted(view: EnvironmentView, namespace: str) -> None:
    """A quota refuses every ExternalSecret before its controller has counted what is there."""

    def counted() -> bool:
        quotas = view.get(f"/api/v1/namespaces/{namespace}/resourcequotas")["items"]
        return all(one["spec"]["hard"].keys() == one.get("status", {}).get("used", {}).keys() for one in quotas)

    wait_until(counted, _COUNTED_SECONDS)


def _open(view: EnvironmentView, namespace: str, store: Mapping[str, str], container: str) -> None:
    fill(view, container)
    _until_counted(view, namespace)
    stage.open_container(view, namespace, store, container)
