"""AWS: every environment gets a control plane of its own making, encrypted by the environment's key from its start."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components import ClusterEncryption, ClusterRef, ConfigError, Foundation, SecretsBootstrap, SecretsBootstrapArgs
from components.aws.config import AwsEnvironmentConfig, SelfManagedClusterConfig
from components.config.parse import BootstrapConfig
from components.contracts import IdentityKind
from stacks.environments import aws_provider, read_config, read_foundations
from stacks.self_managed_cluster import MachineSettings, SelfManagedCluster, SelfManagedClusterArgs


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value.

    Foundations are created, or are those of the stack that `foundationStack` names.
    """
    config, machines = read_config(), _machines()
    for name, environment in config.environments.items():
        field = f"environments.{name}"
        if not isinstance(environment, AwsEnvironmentConfig):
            raise ConfigError(f"{field}.backend", "this topology runs on AWS", "set it to aws")
        if not isinstance(environment.cluster, SelfManagedClusterConfig):
            raise ConfigError(f"{field}.cluster.kind", "this topology runs its own", "set it to selfManaged")
        if environment.identity.kind is not IdentityKind.IRSA:
            raise ConfigError(f"{field}.identity.kind", "Pod Identity is EKS's own", "set it to irsa")
        if name not in machines:
            raise ConfigError(
                f"machines.{name}", "is missing", "describe the machine of this environment's control plane"
            )
    foundations = read_foundations(config)
    made = {name: _environment(name, config, machines[name], foundations.get(name)) for name in config.environments}
    pulumi.export("environments", made)


def _machines() -> Mapping[str, MachineSettings]:
    found: Any = pulumi.Config().require_object("machines")
    return {
        name: MachineSettings.parse({_snake(key): value for key, value in one.items()}) for name, one in found.items()
    }


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _environment(
    environment: str, config: BootstrapConfig, machine: MachineSettings, foundation: Foundation | None
) -> dict[str, Any]:
    chosen = config.environments[environment]
    assert isinstance(chosen, AwsEnvironmentConfig)
    names = chosen.names(config.prefix, environment)

    def create_cluster(name: str, encryption: ClusterEncryption, options: pulumi.ResourceOptions) -> ClusterRef:
        cluster_args = SelfManagedClusterArgs(
            names=names,
            cluster_name=config.cluster_name(environment),
            settings=machine,
            encryption=encryption,
            protect=chosen.deletion_profile.protect,
        )
        return SelfManagedCluster(name, cluster_args, options).cluster

    bootstrap = SecretsBootstrap(
        environment,
        SecretsBootstrapArgs(names=names, environment=chosen, create_cluster=create_cluster, foundation=foundation),
        pulumi.ResourceOptions(providers=[aws_provider(names, chosen.deployer_role_arn)]),
    )
    return dict(bootstrap.references)
