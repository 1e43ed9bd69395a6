"""Environments share nothing: not a key, a container, an issuer or a cluster."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .errors import Problem

if TYPE_CHECKING:
    from .config import BootstrapConfig


def sharing_problems(config: "BootstrapConfig") -> list[Problem]:
    """Everything that two places of the configuration name alike although it can belong to only one."""
    owners: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for thing, field in _belongings(config):
        owners[thing].append(field)
    return [
        Problem(
            field,
            f"is the same {thing[0]} as {first}",
            f"give each its own {thing[0]}: whoever holds one would hold the other",
        )
        for thing, (first, *others) in owners.items()
        for field in others
    ]


def _belongings(config: "BootstrapConfig") -> Iterator[tuple[tuple[str, ...], str]]:
    for name, environment in config.environments.items():
        path = f"environments.{name}"
        for role, arn in environment.keys.existing.by_role().items():
            yield ("key", arn), f"{path}.keys.existing.{role}"
        for secret, chosen in environment.secrets.items():
            if chosen.existing_arn:
                yield ("secret", chosen.existing_arn), f"{path}.secrets.{secret}.existingArn"
        if environment.identity.oidc_provider_arn:
            yield ("OIDC provider", environment.identity.oidc_provider_arn), f"{path}.identity.oidcProviderArn"
        cluster = (environment.account_id, environment.region, config.cluster_name(name))
        yield ("cluster", *cluster), f"{path}.cluster.name"
