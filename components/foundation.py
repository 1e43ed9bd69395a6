"""What phase one of an environment hands to the rest, on every backend, and which component makes it."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar, Protocol, cast

import pulumi

from .config.environment import EnvironmentConfig
from .contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, Names, StoreRef

_COMPONENTS = {"aws": "AwsFoundation", "gcp": "GcpFoundation", "vault": "VaultFoundation"}


class Foundation(Protocol):
    """Phase one of an environment: keys, containers, and what the cluster's creation needs.

    store: the secret manager.
    canary: the container for the first sync.
    encryption: what the cluster's creation has to be given.
    deploy_public_key: the public half of the deploy key; None without Argo CD.
    gates: everything that was created.
    references: what a stack may export: names, ids and public keys, never a value.
    principal_output: what the stack calls the identity's principal when it exports it.
    """

    store: StoreRef
    canary: CanaryRef
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    gates: Sequence[pulumi.Resource]
    references: Mapping[str, Any]
    principal_output: ClassVar[str]

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create the operator's identity for a cluster, of the kind that the environment chose."""
        ...


def create_foundation(
    name: str, names: Names, environment: EnvironmentConfig, opts: pulumi.ResourceOptions
) -> Foundation:
    """The foundation of the environment's backend. Only that backend's SDK is loaded."""
    backend = environment.backend
    module = import_module(f".{backend}.foundation", __package__)
    component, arguments = (getattr(module, f"{_COMPONENTS[backend]}{end}") for end in ("", "Args"))
    return cast(Foundation, component(name, arguments(names=names, environment=environment), opts))
