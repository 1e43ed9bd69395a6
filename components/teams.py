"""Teams of one environment: one mapping of team to namespaces, prefixes of secrets, and how often it may refresh.

Backends make an identity of each scope, the cluster a store in each namespace. This module knows neither.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .arguments import Arguments, checked
from .contracts import SecretScope, ServiceAccountRef
from .forms import DNS_LABEL, DURATION, SECRET_PREFIX, TEAM_NAME, TENANTS_FOLDER, Form
from .refresh_cost import ManagerPrices, RefreshEstimate, RefreshLoad, refresh_estimate

STORE_ACCOUNT = "external-secrets-team"
"""The service account of a team's store, in each of its namespaces."""
SHARED_ACCOUNT = "external-secrets-shared"
"""The service account of the store that all teams share, in the operator's namespace."""
SHARED = "shared"
IN_EVERY_CLUSTER = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
CREATABLE = Form(
    lambda namespace: namespace not in IN_EVERY_CLUSTER,
    "is in every cluster already, so it cannot be created",
    "choose a name of your own",
)
"""What the name of a namespace that is to be created must be."""

_RESERVED_NAMES = {SHARED, "total"}
_RESERVED_FOLDERS = {TENANTS_FOLDER: "tenants, whose containers have a key of their own", "argocd/": "Argo CD"}

Found = tuple[str, str, str]
"""What is wrong: the field, the reason, the mend."""


@dataclass(frozen=True, kw_only=True)
class TeamRefresh(Arguments):
    """How often a team may ask the manager. Raises ConfigError for an interval of the wrong form or a number below 1.

    minimum_interval: the shortest `refreshInterval`; a number and s, m or h; default 1h.
    external_secrets: how many ExternalSecrets there may be in each namespace; default 20.
    calls_each: calls of the manager for each refresh, for the estimate alone: see RefreshLoad; default 1.
    """

    minimum_interval: str = "1h"
    external_secrets: int = 20
    calls_each: int = 1

    def __post_init__(self) -> None:
        self.require_form("minimum_interval", self.minimum_interval, DURATION)
        for name in ("external_secrets", "calls_each"):
            self.require(getattr(self, name) >= 1, name, "is below 1", "say how many there may be")


@dataclass(frozen=True, kw_only=True)
class Team(Arguments):
    """One team. Raises ConfigError for an empty list, or a namespace or prefix of the wrong form.

    namespaces: its namespaces; at least one.
    prefixes: how the names of its containers begin; each ends in `/`; at least one.
    refresh: how often it may ask the manager; default TeamRefresh().
    """

    namespaces: Sequence[str]
    prefixes: Sequence[str]
    refresh: TeamRefresh = TeamRefresh()

    def __post_init__(self) -> None:
        for name, form in (("namespaces", DNS_LABEL), ("prefixes", SECRET_PREFIX)):
            values: Sequence[str] = getattr(self, name)
            self.require(bool(values), name, "is empty", "name at least one")
            for index, value in enumerate(values):
                self.require_form(f"{name}.{index}", value, form)


def team_problems(teams: Mapping[str, Team], shared_prefixes: Sequence[str]) -> Iterator[Found]:
    """What is wrong between teams: names, namespaces and prefixes that two have, or that are not for teams."""
    owners: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name, team in teams.items():
        if not TEAM_NAME.holds(name):
            yield f"teams.{name}", TEAM_NAME.reason, TEAM_NAME.mend
        if name in _RESERVED_NAMES:
            yield f"teams.{name}", "is a name of the library's own", "call the team otherwise"
        for index, namespace in enumerate(team.namespaces):
            field = f"teams.{name}.namespaces.{index}"
            if namespace in IN_EVERY_CLUSTER:
                yield field, "is Kubernetes' own", "give the team a namespace of its own"
            if namespace in owners:
                yield field, f"belongs to {owners[namespace]} already", "leave it with one team"
            owners.setdefault(namespace, f"teams.{name}")
        for index, prefix in enumerate(team.prefixes):
            yield from _prefix_problems(f"teams.{name}.prefixes.{index}", prefix, folders)
            folders.setdefault(prefix, f"teams.{name}")
    for index, prefix in enumerate(shared_prefixes):
        if not teams:
            yield f"shared_prefixes.{index}", "is for teams, and there is none", "add teams, or remove it"
        if not SECRET_PREFIX.holds(prefix):
            yield f"shared_prefixes.{index}", SECRET_PREFIX.reason, SECRET_PREFIX.mend
        yield from _prefix_problems(f"shared_prefixes.{index}", prefix, folders)
        folders.setdefault(prefix, "what all teams share")


def _prefix_problems(field: str, prefix: str, folders: Mapping[str, str]) -> Iterator[Found]:
    for folder, what in _RESERVED_FOLDERS.items():
        if prefix.startswith(folder):
            yield field, f"belongs to {what}", "choose another folder"
    for other, owner in folders.items():
        if prefix.startswith(other) or other.startswith(prefix):
            yield field, f"opens what belongs to {owner}, or the other way round", "give each a folder of its own"


@checked
def team_scopes(
    teams: Mapping[str, Team], shared_prefixes: Sequence[str], operator_namespace: str
) -> Sequence[SecretScope]:
    """What each team's stores open, and the shared store: for each of these the backend makes an identity.

    operator_namespace: where the shared store's service account lives.
    """
    own = [
        SecretScope(
            name=f"team-{name}",
            prefixes=tuple(team.prefixes),
            service_accounts=[ServiceAccountRef(namespace=one, name=STORE_ACCOUNT) for one in team.namespaces],
        )
        for name, team in teams.items()
    ]
    if not shared_prefixes:
        return own
    account = ServiceAccountRef(namespace=operator_namespace, name=SHARED_ACCOUNT)
    return [*own, SecretScope(name=SHARED, prefixes=tuple(shared_prefixes), service_accounts=[account])]


def teams_estimate(
    teams: Mapping[str, Team],
    prices: ManagerPrices,
    *,
    shared_prefixes: Sequence[str] = (),
    containers: Collection[str] = (),
) -> RefreshEstimate:
    """The most that the teams' refreshes cost a month: as many ExternalSecrets as they may have, as often as they may.

    teams: the teams by name.
    prices: those of `manager_prices`, or your own.
    shared_prefixes: how the names of the containers begin that all teams share; default none.
    containers: the declared names of all containers, each of which counts for whom it belongs to; default none.

    A forced sync, and a restart of the operator, read once more.
    """
    loads = {
        name: RefreshLoad(
            external_secrets=team.refresh.external_secrets * len(team.namespaces),
            refresh_interval=team.refresh.minimum_interval,
            calls_each=team.refresh.calls_each,
            containers=_count(containers, team.prefixes),
        )
        for name, team in teams.items()
    }
    if shared_prefixes:
        loads[SHARED] = RefreshLoad(external_secrets=0, containers=_count(containers, shared_prefixes))
    return refresh_estimate(loads, prices)


def _count(containers: Collection[str], prefixes: Sequence[str]) -> int:
    return sum(one.startswith(tuple(prefixes)) for one in containers)
