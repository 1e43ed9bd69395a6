"""AWS: every environment gets an EKS cluster that is created with the environment's key wired in."""

from typing import Any

import pulumi

from components import ClusterEncryption, ClusterRef, ConfigError, SecretsBootstrap, SecretsBootstrapArgs
from components.config import BootstrapConfig
from components.config_models import EksClusterConfig
from stacks.eks_cluster import EksCluster, EksClusterArgs
from stacks.environments import aws_provider, read_config


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value."""
    config = read_config()
    for name, environment in config.environments.items():
        if not isinstance(environment.cluster, EksClusterConfig):
            raise ConfigError(f"environments.{name}.cluster.kind", "the eks topology creates EKS", "set it to eks")
    pulumi.export("environments", {name: eks_environment(name, config) for name in config.environments})


def eks_environment(environment: str, config: BootstrapConfig) -> dict[str, Any]:
    """One environment on AWS: its references."""
    names, chosen = config.names(environment), config.environments[environment]
    cluster_name = config.cluster_name(environment)

    def create_cluster(name: str, encryption: ClusterEncryption, options: pulumi.ResourceOptions) -> ClusterRef:
        assert isinstance(chosen.cluster, EksClusterConfig)
        cluster_args = EksClusterArgs(
            names=names,
            cluster_name=cluster_name,
            settings=chosen.cluster,
            encryption_key=encryption.key,
            administrators=chosen.deployers,
            pod_identity=chosen.identity.kind == "podIdentity",
            protect=chosen.deletion_profile.protect,
        )
        return EksCluster(name, cluster_args, options).cluster

    bootstrap = SecretsBootstrap(
        environment,
        SecretsBootstrapArgs(names=names, environment=chosen, cluster_name=cluster_name, create_cluster=create_cluster),
        pulumi.ResourceOptions(providers=[aws_provider(names)]),
    )
    return dict(bootstrap.references)
