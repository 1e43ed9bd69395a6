"""What phase one of an environment hands to the rest, on every backend, and what makes it or refers to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol, cast, runtime_checkable

import pulumi

from .arguments import Arguments
from .config.environment import EnvironmentConfig
from .contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, Names, SecretScope, StoreRef
from .errors import ConfigError

_COMPONENTS = {
    "aws": "AwsFoundation",
    "azure": "AzureFoundation",
    "gcp": "GcpFoundation",
    "vault": "VaultFoundation",
}


@runtime_checkable
class Foundation(Protocol):
    """Phase one of an environment: keys, containers, and what the cluster's creation needs.

    store: the secret manager.
    canary: the container for the first sync.
    encryption: what the cluster's creation has to be given.
    deploy_public_key: the public half of the deploy key that Pulumi made; None without one.
    generated_key: the container of a deploy key that is made in the cluster; None without one.
    gates: everything that was created.
    references: what a stack may export: names, ids and public keys, never a value.
    principal_output: what the stack calls the identity's principal when it exports it.
    """

    store: StoreRef
    canary: CanaryRef
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource]
    references: Mapping[str, Any]
    principal_output: ClassVar[str]

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create the operator's identity for a cluster, of the kind that the environment chose."""
        ...

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create what opens one scope of `EnvironmentConfig.scopes`, by the namespace of each service account.

        operator: the operator's identity, which made what both rest on, such as the cluster's issuer.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class FoundationOutputs(Arguments):
    """What another stack exported of one environment's foundation: the foundation's references.

    values: the references by name.
    """

    values: pulumi.Output[Mapping[str, Any]]

    def value(self, name: str, **expected: str) -> pulumi.Output[Any]:
        """One of the references.

        name: what it is called.
        expected: references whose texts the configuration of this stack gives too, such as the region.

        Raises ConfigError, once the references are known, if it is missing or the other stack's configuration differs.
        """

        def read(values: Mapping[str, Any]) -> Any:
            for field, text in expected.items():
                if values.get(field) != text:
                    raise ConfigError(
                        f"foundation.{field}",
                        "is another one in the foundation's stack than in this stack's configuration",
                        "give both stacks the same prefix and environments",
                    )
            if values.get(name) is None:
                raise ConfigError(
                    f"foundation.{name}",
                    "is not among the references of the foundation's stack",
                    "run `pulumi up` of that stack first, with the same environments",
                )
            return values[name]

        return self.values.apply(read)


def create_foundation(
    name: str, names: Names, environment: EnvironmentConfig, opts: pulumi.ResourceOptions
) -> Foundation:
    """The foundation of the environment's backend. Only that backend's SDK is loaded."""
    backend = environment.backend
    module = import_module(f".{backend}.foundation", __package__)
    component, arguments = (getattr(module, f"{_COMPONENTS[backend]}{end}") for end in ("", "Args"))
    return cast(Foundation, component(name, arguments(names=names, environment=environment), opts))


def refer_to_foundation(names: Names, environment: EnvironmentConfig, outputs: FoundationOutputs) -> Foundation:
    """The foundation that another stack created. It creates nothing.

    names: the environment's names.
    environment: its configuration, the same as in the other stack.
    outputs: what the other stack exported by `foundation_references`.
    """
    backend = environment.backend
    reference = getattr(
        import_module(f".{backend}.foundation_reference", __package__), f"{_COMPONENTS[backend]}Reference"
    )
    return cast(Foundation, reference(names=names, environment=environment, outputs=outputs))


def foundation_references(foundation: Foundation) -> dict[str, Any]:
    """What a stack exports of a foundation: all that `refer_to_foundation` needs, and never a value."""
    public_key = foundation.deploy_public_key
    return {**foundation.references, **({"deployPublicKey": public_key} if public_key is not None else {})}
