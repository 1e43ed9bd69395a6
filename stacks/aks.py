"""Azure: every environment gets an AKS cluster that is created with the environment's key wired in."""

from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from components import (
    AzureEnvironmentConfig,
    AzureNames,
    ClusterEncryption,
    ClusterRef,
    ConfigError,
    Foundation,
    SecretsBootstrap,
    SecretsBootstrapArgs,
)
from components.config.parse import BootstrapConfig
from stacks.aks_cluster import AksCluster, AksClusterArgs
from stacks.environments import read_config, read_foundations


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value.

    Foundations are created, or are those of the stack that `foundationStack` names.
    """
    config = read_config()
    for name, environment in config.environments.items():
        if not isinstance(environment, AzureEnvironmentConfig):
            raise ConfigError(f"environments.{name}.backend", "the aks topology is on Azure", "set it to azure")
    foundations = read_foundations(config)
    made = {name: aks_environment(name, config, foundations.get(name)) for name in config.environments}
    pulumi.export("environments", made)


def aks_environment(environment: str, config: BootstrapConfig, foundation: Foundation | None) -> dict[str, Any]:
    """One environment on Azure, on a foundation that is there or a new one: its references."""
    chosen = config.environments[environment]
    assert isinstance(chosen, AzureEnvironmentConfig)
    names = chosen.names(config.prefix, environment)

    def create_cluster(name: str, encryption: ClusterEncryption, options: pulumi.ResourceOptions) -> ClusterRef:
        cluster_args = AksClusterArgs(
            names=names,
            cluster_name=config.cluster_name(environment),
            settings=chosen.cluster,
            encryption=encryption,
            administrators=chosen.deployers,
            protect=chosen.deletion_profile.protect,
        )
        return AksCluster(name, cluster_args, options).cluster

    bootstrap = SecretsBootstrap(
        environment,
        SecretsBootstrapArgs(names=names, environment=chosen, create_cluster=create_cluster, foundation=foundation),
        pulumi.ResourceOptions(providers=[azure_provider(names)]),
    )
    return dict(bootstrap.references)


def azure_provider(names: AzureNames) -> azure_native.Provider:
    """A provider for the environment's subscription and tenant, as whoever the Azure CLI or a pipeline signed in."""
    return azure_native.Provider(
        f"{names.environment}-azure", subscription_id=names.subscription_id, tenant_id=names.tenant_id
    )
