"""Google Cloud: every environment gets a GKE cluster that is created with the environment's key wired in."""

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components import (
    ClusterEncryption,
    ClusterRef,
    ConfigError,
    Foundation,
    GcpNames,
    SecretsBootstrap,
    SecretsBootstrapArgs,
)
from components.config.parse import BootstrapConfig
from components.gcp.config import GcpEnvironmentConfig
from stacks.environments import read_config, read_foundations
from stacks.gke_cluster import GkeCluster, GkeClusterArgs


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value.

    Foundations are created, or are those of the stack that `foundationStack` names.
    """
    config = read_config()
    for name, environment in config.environments.items():
        if not isinstance(environment, GcpEnvironmentConfig):
            raise ConfigError(
                f"environments.{name}.backend", "the gke topology keeps secrets in Google Cloud", "set it to gcp"
            )
    foundations = read_foundations(config)
    made = {name: gke_environment(name, config, foundations.get(name)) for name in config.environments}
    pulumi.export("environments", made)


def gke_environment(environment: str, config: BootstrapConfig, foundation: Foundation | None) -> dict[str, Any]:
    """One environment on Google Cloud, on a foundation that is there or a new one: its references."""
    chosen = config.environments[environment]
    assert isinstance(chosen, GcpEnvironmentConfig)
    names = chosen.names(config.prefix, environment)

    def create_cluster(name: str, encryption: ClusterEncryption, options: pulumi.ResourceOptions) -> ClusterRef:
        cluster_args = GkeClusterArgs(
            names=names,
            cluster_name=config.cluster_name(environment),
            settings=chosen.cluster,
            encryption=encryption,
            protect=chosen.deletion_profile.protect,
        )
        return GkeCluster(name, cluster_args, options).cluster

    bootstrap = SecretsBootstrap(
        environment,
        SecretsBootstrapArgs(names=names, environment=chosen, create_cluster=create_cluster, foundation=foundation),
        pulumi.ResourceOptions(providers=[gcp_provider(names)]),
    )
    return dict(bootstrap.references)


def gcp_provider(names: GcpNames) -> gcp.Provider:
    """A provider for the environment's project and region."""
    return gcp.Provider(f"{names.environment}-gcp", project=names.project_id, region=names.location)
