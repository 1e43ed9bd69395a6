"""What a stack says, resource by resource: from Pulumi's state, or from whatever else lists resources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bootstrap.errors import BootstrapError
from bootstrap.policy_pack.rules.resource import Seen

_COMPONENT = "secrets-bootstrap:index:"
_PUSHES = "kubernetes:external-secrets.io/v1alpha1:PushSecret"


class Component(Seen):
    """One of this library's components: what it is meant for stands in its outputs."""

    @property
    def kind(self) -> str:
        """What it is called in the library, such as AwsCiRole."""
        return self.token.removeprefix(_COMPONENT)

    def at(self, *path: str) -> Any:
        """The output at a path. Raises BootstrapError if it has none: an older version made the component."""
        if path[0] not in self.properties:
            raise BootstrapError(
                f"{self.kind} {self.name}",
                f"has no output {path[0]}: an older version of the library made it",
                "run `up` on the stack once with this version",
            )
        return super().at(*path)


@dataclass(frozen=True)
class Documents:
    """All resources of a stack, in order."""

    resources: Sequence[Seen]

    @classmethod
    def of_state(cls, *states: Mapping[str, Any]) -> "Documents":
        """From `pulumi stack export`, of the foundation's stack and of the cluster's if they are two. What the provider
        answered stands over what it was given."""
        return cls(
            [
                Seen(
                    token=one["type"],
                    name=str(one["urn"]).rpartition("::")[2],
                    properties={**one.get("inputs", {}), **one.get("outputs", {})},
                )
                for state in states
                for one in state["deployment"].get("resources", [])
                if not one.get("delete")
            ]
        )

    @cached_property
    def environments(self) -> list[str]:
        """Every environment, as the composite is named for each, or one of its two phases that is there without it."""
        return sorted({name for one in self.resources if (name := _environment(one)) is not None})

    def owner(self, seen: Seen) -> str | None:
        """The environment of a resource: the longest that its name begins with. None: it belongs to no one of them."""
        owners = [name for name in self.environments if seen.name == name or seen.name.startswith(f"{name}-")]
        return max(owners, key=len, default=None)

    @cached_property
    def pushed(self) -> set[tuple[str, str]]:
        """The containers that an environment's operator has to fill: environment, and name in the manager."""
        return {
            (owner, str(one["match"]["remoteRef"]["remoteKey"]))
            for owner, push in self.owned(_PUSHES)
            for one in push.at("spec", "data")
        }

    def of(self, *tokens: str) -> Iterator[Seen]:
        """The resources of some types."""
        yield from (one for one in self.resources if one.token in tokens)

    def owned(self, *tokens: str) -> Iterator[tuple[str, Seen]]:
        """The resources of some types that belong to an environment, each with it."""
        if tokens not in self._owned:
            self._owned[tokens] = [(owner, one) for one in self.of(*tokens) if (owner := self.owner(one)) is not None]
        yield from self._owned[tokens]

    @cached_property
    def _owned(self) -> dict[tuple[str, ...], list[tuple[str, Seen]]]:
        """What was found of types: a cluster's judge asks for the same ones at every question."""
        return {}

    def components(self, *kinds: str) -> Iterator[tuple[str, Component]]:
        """This library's components of some kinds, such as AwsCiRole, each with its environment."""
        for owner, one in self.owned(*(f"{_COMPONENT}{kind}" for kind in kinds)):
            yield owner, Component(token=one.token, name=one.name, properties=one.properties)


def own_part(name: str, environment: str) -> str:
    """What comes behind `<prefix>-<environment>-` in a name; empty if it is no name of the environment."""
    return name.partition(f"-{environment}-")[2]


def _environment(one: Seen) -> str | None:
    """The environment that a component makes, by its name."""
    kind = one.token.removeprefix(_COMPONENT)
    if kind == one.token:
        return None
    if kind == "SecretsBootstrap":
        return one.name
    phase = "-foundation" if kind.endswith("Foundation") else "-bootstrap" if kind == "ClusterBootstrap" else None
    return one.name.removesuffix(phase) if phase is not None else None
