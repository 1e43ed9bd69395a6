"""Environments share nothing: not a key, a container, an issuer or a cluster."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from ..errors import Problem
from .environment import EnvironmentConfig


def sharing_problems(
    environments: Mapping[str, EnvironmentConfig], sealed: Iterable[str], cluster_name: Callable[[str], str]
) -> list[Problem]:
    """Everything that two places of the configuration name alike although it can belong to only one.

    sealed: the names of environments without a manager; nobody says where their clusters are.
    """
    owners: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, environment in environments.items():
        for kind, identifier, field in environment.belongings():
            owners[kind, *identifier].append(f"environments.{name}.{field}")
        owners["cluster", *environment.place(), cluster_name(name)].append(f"environments.{name}.cluster.name")
    for name in sealed:
        owners["cluster", cluster_name(name)].append(f"sealedEnvironments.{name}.clusterName")
    return [
        Problem(
            field,
            f"is the same {thing[0]} as {first}",
            f"give each its own {thing[0]}: whoever holds one would hold the other",
        )
        for thing, (first, *others) in owners.items()
        for field in others
    ]
