"""Teams in the configuration, and what they may not have in common with the rest of the environment."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from .. import forms
from ..contracts import IdentityKind
from ..faults import Distinct
from ..teams import SHARED, Found, Team, TeamRefresh, team_problems
from .models import ConfigModel
from .rules import Duration, KubernetesName, formed

if TYPE_CHECKING:
    from .environment import EnvironmentConfig

SecretPrefix = Annotated[str, formed(forms.SECRET_PREFIX)]
TeamName = Annotated[str, formed(forms.TEAM_NAME)]

# The SDK of these managers takes what the operator's own pod holds if a store says nothing of whom it is (external-
# secrets v0.20.4, `constructCredsProvider` and `NewTokenSource`): a SecretStore of a team's own would open everything.
_HELD_BY_THE_POD = frozenset({IdentityKind.IRSA, IdentityKind.GKE_PRINCIPAL, IdentityKind.GKE_SERVICE_ACCOUNT})


class TeamRefreshConfig(ConfigModel, frozen=True):
    """How often a team may ask the manager.

    minimumInterval: the shortest refreshInterval; a number and s, m or h; default 1h.
    externalSecrets: how many ExternalSecrets there may be in each namespace; 1 to 10000; default 20.
    callsEach: calls of the manager for each refresh, for the estimate alone; 1 to 1000; default 1.
    """

    minimum_interval: Duration = "1h"
    external_secrets: Annotated[int, Field(ge=1, le=10000)] = 20
    calls_each: Annotated[int, Field(ge=1, le=1000)] = 1


class TeamConfig(ConfigModel, frozen=True):
    """One team.

    namespaces: its namespaces, created here; at least one.
    prefixes: how the names of its containers begin; each ends in `/`; at least one.
    refresh: how often it may ask the manager.
    """

    namespaces: Annotated[tuple[KubernetesName, ...], Field(min_length=1), Distinct]
    prefixes: Annotated[tuple[SecretPrefix, ...], Field(min_length=1), Distinct]
    refresh: TeamRefreshConfig = TeamRefreshConfig()


def parsed(teams: Mapping[str, TeamConfig]) -> Mapping[str, Team]:
    """The teams as the components take them."""
    return {
        name: Team(namespaces=one.namespaces, prefixes=one.prefixes, refresh=TeamRefresh(**one.refresh.model_dump()))
        for name, one in teams.items()
    }


def problems_of_teams(environment: "EnvironmentConfig") -> Iterator[Found]:
    """What is wrong with an environment's teams: the field below the environment, the reason, the mend."""
    for field, reason, mend in team_problems(parsed(environment.teams), environment.shared_prefixes):
        yield field.replace("shared_prefixes", "sharedPrefixes"), reason, mend
    if environment.teams:
        yield from _identity_problems(environment)
        yield from _namespace_problems(environment)
        yield from _container_problems(environment)


def teams_without_containers(environment: "EnvironmentConfig") -> Iterator[Found]:
    """For managers that grant each container by its name: below which prefixes nothing is declared."""
    for scope in environment.scopes:
        if not any(scope.holds(name) for name in environment.secret_names()):
            yield (
                "sharedPrefixes" if scope.name == SHARED else f"teams.{scope.name.removeprefix('team-')}.prefixes",
                "hold none of the environment's secrets, and this manager grants each one by its name",
                "declare at least one secret below them",
            )


def _identity_problems(environment: "EnvironmentConfig") -> Iterator[Found]:
    identity = environment.identity
    if identity.kind is IdentityKind.POD_IDENTITY:
        yield (
            "identity.kind",
            "gives every store the operator's own credentials, so no team has a store of its own",
            "use another kind, or remove teams",
        )
    if identity.kind in _HELD_BY_THE_POD and identity.service_account_ref is None:
        yield (
            "identity.serviceAccountRef",
            "is missing: the operator's pod would hold what opens the whole environment, and a store that says nothing "
            "of whom it is takes it",
            f"name another service account in {environment.operator.namespace}; it is created",
        )


def _namespace_problems(environment: "EnvironmentConfig") -> Iterator[Found]:
    taken = {*environment.namespaces, *environment.system_namespaces, environment.operator.namespace}
    for name, team in environment.teams.items():
        for index, namespace in enumerate(team.namespaces):
            field = f"teams.{name}.namespaces.{index}"
            if namespace in taken:
                yield field, "is one of the environment's other namespaces", "name it once"
            for place, condition in enumerate(environment.store.conditions):
                patterns = condition.namespace_regexes or ()
                labels = (condition.namespace_selector or {}).items()
                own = {"kubernetes.io/metadata.name": namespace}.items()
                if any(re.search(one, namespace) for one in patterns) or (labels and labels <= own):
                    yield (
                        f"store.conditions.{place}",
                        f"lets in {field}, and this store opens all of the environment",
                        "narrow it, or rename the namespace",
                    )


def _container_problems(environment: "EnvironmentConfig") -> Iterator[Found]:
    named = [(f"teams.{name}.prefixes", team.prefixes) for name, team in environment.teams.items()]
    named.append(("sharedPrefixes", environment.shared_prefixes))
    for field, prefixes in named:
        for index, prefix in enumerate(prefixes):
            if environment.first_sync.secret.startswith(prefix):
                yield f"{field}.{index}", "holds the container of the first sync", "choose another folder"
