"""One environment without a secret manager, end to end: cluster → namespaces → Sealed Secrets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..config.sealed import SealedEnvironmentConfig
from ..contracts import ClusterRef
from .controller import SealedSecrets, SealedSecretsArgs

CreateSealedCluster = Callable[[str, pulumi.ResourceOptions], ClusterRef]
"""Makes the cluster: gets a name for its resources, and the options that they must have."""


@dataclass(frozen=True, kw_only=True)
class SealedBootstrapArgs(Arguments):
    """Arguments of SealedBootstrap.

    environment: the environment's configuration, parsed and checked.
    create_cluster: makes the cluster; called while the component is built. It has to see itself that its Secrets are
        encrypted in etcd: without a key service there is nothing to give it for that.
    """

    environment: SealedEnvironmentConfig
    create_cluster: CreateSealedCluster


class SealedBootstrap(pulumi.ComponentResource):
    """An environment, from nothing to a controller that opens SealedSecrets. What SecretsBootstrap is with a manager.

    Its resources are called as those of SecretsBootstrap are: with that in its place, under the same name, they stay.

    Creates:
    - the cluster, by `create_cluster`;
    - the namespaces;
    - SealedSecrets.

    Outputs:
    - `cluster`: the cluster that `create_cluster` made (ClusterRef).
    - `sealed_secrets`: the controller (SealedSecrets).
    - `references`: what a stack may export: names and the certificate, never a key.
    - `gates`: what SealedSecrets have to wait for.

    Raises ConfigError for whatever SealedSecrets refuses.
    """

    cluster: ClusterRef
    sealed_secrets: SealedSecrets
    references: Mapping[str, Any]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: SealedBootstrapArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:SealedBootstrap", name, None, opts)
        environment = args.environment
        self.cluster = args.create_cluster(f"{name}-cluster", pulumi.ResourceOptions(parent=self))
        within = pulumi.ResourceOptions(parent=self, provider=self.cluster.provider)
        # The place in the state where ClusterBootstrap has its namespaces.
        phase_two = pulumi.ComponentResource(
            "secrets-bootstrap:index:ClusterBootstrap", f"{name}-bootstrap", None, within
        )
        namespaces = {
            one: kubernetes.core.v1.Namespace(
                f"{name}-bootstrap-namespace-{one}",
                metadata={"name": one},
                opts=pulumi.ResourceOptions(parent=phase_two, depends_on=self.cluster.gates),
            )
            for one in environment.namespaces
        }
        sealed_args = SealedSecretsArgs.configured(
            environment.sealed_secrets, environment.deletion_profile, namespaces, self.cluster
        )
        self.sealed_secrets = SealedSecrets(f"{name}-sealed-secrets", sealed_args, within)
        self.references = {
            "clusterName": self.cluster.name,
            "issuerUrl": self.cluster.issuer_url,
            "sealedSecrets": self.sealed_secrets.references,
        }
        self.gates = self.sealed_secrets.gates
        self.register_outputs(dict(self.references))
