"""The embedded default: AWS by moto behind real access checks, and real control planes, all on this machine.

The command line sets what depends on the machine: `AWS_ENDPOINT_URL` and `SECRETS_BOOTSTRAP_ESO_CHART`.
"""

import os
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from bootstrap.localcloud.kubernetes.resource import LocalCluster
from components import (
    BootstrapConfig,
    ChartSource,
    ClusterEncryption,
    ClusterRef,
    ConfigError,
    SecretsBootstrap,
    SecretsBootstrapArgs,
)
from components.aws.config import AwsEnvironmentConfig, SelfManagedClusterConfig
from stacks.environments import aws_provider, read_config


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value."""
    config = read_config()
    for name, environment in config.environments.items():
        if not isinstance(environment, AwsEnvironmentConfig) or not isinstance(
            environment.cluster, SelfManagedClusterConfig
        ):
            raise ConfigError(
                f"environments.{name}.cluster.kind", "the local topology runs its own", "set it to selfManaged"
            )
        if environment.deployer_role_arn is not None:
            raise ConfigError(
                f"environments.{name}.deployerRoleArn", "the local deployer is a user and takes no role", "remove it"
            )
    endpoint = _from_machine("AWS_ENDPOINT_URL")
    chart = _from_machine("SECRETS_BOOTSTRAP_ESO_CHART")
    made = {name: LocalEnvironment(name, config, endpoint, chart) for name in config.environments}
    pulumi.export("environments", {name: environment.references for name, environment in made.items()})


class LocalEnvironment:
    """One environment on the local cloud."""

    references: dict[str, Any]

    def __init__(self, environment: str, config: BootstrapConfig, endpoint: str, chart: str) -> None:
        chosen = config.environments[environment]
        assert isinstance(chosen, AwsEnvironmentConfig)
        names = chosen.names(config.prefix, environment)
        self._region, self._cluster_name = names.region, config.cluster_name(environment)
        bootstrap = SecretsBootstrap(
            environment,
            SecretsBootstrapArgs(
                names=names,
                environment=chosen,
                create_cluster=self._create_cluster,
                operator_environment=_operator_environment(endpoint, names.region),
                chart=ChartSource(chart=chart, repository=None, version=None),
            ),
            pulumi.ResourceOptions(providers=[aws_provider(names)]),
        )
        assert isinstance(chosen.cluster, SelfManagedClusterConfig)
        self.references = {
            **bootstrap.references,
            "kubeconfigPath": self._cluster.kubeconfig_path,
            "encryptionProviderName": chosen.cluster.encryption_provider_name,
        }

    def _create_cluster(self, name: str, encryption: ClusterEncryption, options: pulumi.ResourceOptions) -> ClusterRef:
        self._cluster = cluster = LocalCluster(
            name,
            cluster_name=self._cluster_name,
            region=self._region,
            encryption_configuration=encryption.encryption_configuration,
            kms_plugin=encryption.kms_plugin,
            node_role_arn=encryption.node_role_arn,
            opts=options,
        )
        provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=cluster.kubeconfig_path,
            cluster_identifier=self._cluster_name,
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=options.parent),
        )
        return ClusterRef(
            name=self._cluster_name,
            issuer_url=cluster.issuer_url,
            issuer_thumbprints=[cluster.issuer_thumbprint],
            provider=provider,
            gates=[cluster],
        )


def _operator_environment(endpoint: str, region: str) -> dict[str, str]:
    """The operator's AWS clients, sent to the local cloud. There is no instance metadata to fall back to."""
    return {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": region,
        "AWS_SECRETSMANAGER_ENDPOINT": endpoint,
        "AWS_STS_ENDPOINT": endpoint,
    }


def _from_machine(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise ConfigError(variable, "is not set; the local topology runs inside `make up`", "run `make up`")
    return value
