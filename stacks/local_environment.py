"""One environment on this machine, whatever its cloud is: the cluster is a control plane of the local cloud.

The command line sets what depends on the machine, such as `SECRETS_BOOTSTRAP_ESO_CHART`.
"""

import os
from collections.abc import Mapping
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
    Foundation,
    SecretsBootstrap,
    SecretsBootstrapArgs,
    ServiceAccountRef,
)
from components.config.environment import EnvironmentConfig


class LocalEnvironment:
    """One environment on the local cloud that `provider` reaches.

    foundation: the one that another stack made; default none: it is created. region: of a cloud that has regions.
    operator_environment: what sends the operator's clients to the local cloud.
    """

    references: dict[str, Any]
    bootstrap: SecretsBootstrap
    cloud_provider: pulumi.ProviderResource

    def __init__(
        self,
        environment: str,
        config: BootstrapConfig,
        provider: pulumi.ProviderResource,
        *,
        encryption_provider_name: str,
        foundation: Foundation | None = None,
        region: str | None = None,
        operator_environment: Mapping[str, str] | None = None,
    ) -> None:
        self.cloud_provider, self._name = provider, environment
        self._region, self._cluster_name = region, config.cluster_name(environment)
        self.bootstrap = SecretsBootstrap(
            environment,
            SecretsBootstrapArgs(
                names=config.names(environment),
                environment=config.environments[environment],
                create_cluster=self._create_cluster,
                operator_environment=operator_environment or {},
                chart=ChartSource(chart=from_machine("SECRETS_BOOTSTRAP_ESO_CHART"), repository=None, version=None),
                foundation=foundation,
            ),
            pulumi.ResourceOptions(providers=[provider]),
        )
        self.references = {
            **self.bootstrap.references,
            **_teams(config.environments[environment]),
            "kubeconfigPath": self._cluster.kubeconfig_path,
            "encryptionProviderName": encryption_provider_name,
        }

    def add_account(self, account: ServiceAccountRef) -> Mapping[str, str]:
        """A service account in a namespace of its own, for who stands beside the environment: where it is."""
        options = pulumi.ResourceOptions(provider=self.bootstrap.cluster.provider)
        namespace = kubernetes.core.v1.Namespace(
            f"{self._name}-namespace-{account.namespace}", metadata={"name": account.namespace}, opts=options
        )
        kubernetes.core.v1.ServiceAccount(
            f"{self._name}-account-{account.namespace}",
            metadata={"name": account.name, "namespace": account.namespace},
            opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[namespace])),
        )
        return {"namespace": account.namespace, "name": account.name}

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
            endpoint=cluster.endpoint,
            ca_certificate=cluster.ca_certificate,
            provider=provider,
            gates=[cluster],
        )


def _teams(environment: EnvironmentConfig) -> dict[str, Any]:
    """Where the teams are and what is theirs, for `prove`; nothing without teams."""
    if not environment.teams:
        return {}
    names = sorted(environment.secret_names())
    return {
        "teams": {
            team: {
                "namespaces": list(one.namespaces),
                "secrets": [name for name in names if name.startswith(one.prefixes)],
            }
            for team, one in environment.teams.items()
        },
        "sharedSecrets": [name for name in names if name.startswith(environment.shared_prefixes)],
    }


def from_machine(variable: str) -> str:
    """What the command line says about this machine. Raises ConfigError without it."""
    value = os.environ.get(variable)
    if not value:
        raise ConfigError(variable, "is not set; the local topologies run inside `make up`", "run `make up`")
    return value
