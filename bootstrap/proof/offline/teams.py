"""Teams, as TeamStores says them of the configuration: who reads what by the design, whatever the policies say."""

from collections.abc import Iterator
from dataclasses import dataclass

from bootstrap.proof.offline.documents import Component, Documents

_TEAM_STORES = "TeamStores"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The containers of one team, or those that all teams share.

    role: what its identity is called in the manager: `team-<team>` or `shared`. prefixes: how the containers' names
    begin. namespaces: where its stores are used. store: their name; of what is shared, the ClusterSecretStore's.
    """

    environment: str
    role: str
    prefixes: tuple[str, ...]
    namespaces: tuple[str, ...]
    store: str
    shared: bool = False


def scopes(documents: Documents) -> list[Scope]:
    """Of every environment that has teams."""
    return [scope for owner, one in documents.components(_TEAM_STORES) for scope in _scopes(owner, one)]


def readers(found: list[Scope], environment: str, container: str, folder: str = "/") -> set[str]:
    """Which teams' identities may read a container. folder: what stands for `/` in the manager's names."""
    return {
        one.role
        for one in found
        if one.environment == environment
        and container.startswith(tuple(prefix.replace("/", folder) for prefix in one.prefixes))
    }


def _scopes(owner: str, stores: Component) -> Iterator[Scope]:
    everywhere: list[str] = []
    for team, one in stores.at("teams").items():
        everywhere += one["namespaces"]
        yield Scope(
            environment=owner,
            role=f"team-{team}",
            prefixes=tuple(one["prefixes"]),
            namespaces=tuple(one["namespaces"]),
            store=stores.at("storeName"),
        )
    if stores.at("sharedPrefixes"):
        yield Scope(
            environment=owner,
            role="shared",
            prefixes=tuple(stores.at("sharedPrefixes")),
            namespaces=tuple(everywhere),
            store=stores.at("sharedStore"),
            shared=True,
        )
