"""Google Cloud: every environment gets a GKE cluster that is created with the environment's key wired in."""

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components import ClusterEncryption, ClusterRef, ConfigError, GcpNames, SecretsBootstrap, SecretsBootstrapArgs
from components.config.parse import BootstrapConfig
from components.gcp.config import GcpEnvironmentConfig
from stacks.environments import read_config
from stacks.gke_cluster import GkeCluster, GkeClusterArgs


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value."""
    config = read_config()
    for name, environment in config.environments.items():
        if not isinstance(environment, GcpEnvironmentConfig):
            raise ConfigError(
                f"environments.{name}.backend", "the gke topology keeps secrets in Google Cloud", "set it to gcp"
            )
    pulumi.export("environments", {name: gke_environment(name, config) for name in config.environments})


def gke_environment(environment: str, config: BootstrapConfig) -> dict[str, Any]:
    """One environment on Google Cloud: its references."""
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
        SecretsBootstrapArgs(names=names, environment=chosen, create_cluster=create_cluster),
        pulumi.ResourceOptions(providers=[_provider(names)]),
    )
    return dict(bootstrap.references)


def _provider(names: GcpNames) -> gcp.Provider:
    return gcp.Provider(f"{names.environment}-gcp", project=names.project_id, region=names.location)
