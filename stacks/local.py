"""The embedded default: AWS by moto behind real access checks, and real control planes, all on this machine."""

from collections.abc import Mapping

import pulumi

from components import BootstrapConfig, ConfigError
from components.aws.config import AwsEnvironmentConfig, SelfManagedClusterConfig
from components.config.environment import EnvironmentConfig
from stacks.environments import aws_provider, read_config, read_foundations
from stacks.local_environment import LocalEnvironment, from_machine


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value."""
    made = bootstrap(read_config())
    pulumi.export("environments", {name: environment.references for name, environment in made.items()})


def bootstrap(config: BootstrapConfig) -> Mapping[str, LocalEnvironment]:
    """Every environment, by name. Foundations are created, or are those of the stack that `foundationStack` names.

    Raises ConfigError before any resource is registered.
    """
    checked = {name: _checked(name, environment) for name, environment in config.environments.items()}
    endpoint = from_machine("AWS_ENDPOINT_URL")
    foundations = read_foundations(config)
    made: dict[str, LocalEnvironment] = {}
    for name, (environment, cluster) in checked.items():
        names = environment.names(config.prefix, name)
        made[name] = LocalEnvironment(
            name,
            config,
            aws_provider(names),
            encryption_provider_name=cluster.encryption_provider_name,
            foundation=foundations.get(name),
            region=names.region,
            operator_environment=_operator_environment(endpoint, names.region),
        )
    return made


def _checked(name: str, environment: EnvironmentConfig) -> tuple[AwsEnvironmentConfig, SelfManagedClusterConfig]:
    """The environment, if this topology can make it. Raises ConfigError."""
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
    return environment, environment.cluster


def _operator_environment(endpoint: str, region: str) -> dict[str, str]:
    """The operator's AWS clients, sent to the local cloud. There is no instance metadata to fall back to."""
    return {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": region,
        "AWS_SECRETSMANAGER_ENDPOINT": endpoint,
        "AWS_STS_ENDPOINT": endpoint,
    }
