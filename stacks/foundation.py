"""The first of two stacks: foundations and no cluster. The second one names it in `foundationStack`."""

from typing import Any

import pulumi

from components import BootstrapConfig, ConfigError
from components.aws.config import AwsEnvironmentConfig
from components.foundation import create_foundation, foundation_references
from stacks.environments import aws_provider, read_config


def run() -> None:
    """Create every environment's foundation and export its references; never a value."""
    config = read_config()
    pulumi.export("environments", {name: foundation_environment(name, config) for name in config.environments})


def foundation_environment(name: str, config: BootstrapConfig) -> dict[str, Any]:
    """One environment's foundation: its references."""
    environment, names = config.environments[name], config.names(name)
    options = pulumi.ResourceOptions(providers=[_provider(name, config)])
    return foundation_references(create_foundation(f"{name}-foundation", names, environment, options))


def _provider(name: str, config: BootstrapConfig) -> pulumi.ProviderResource:
    environment = config.environments[name]
    if isinstance(environment, AwsEnvironmentConfig):
        return aws_provider(environment.names(config.prefix, name), environment.deployer_role_arn)
    raise ConfigError(
        f"environments.{name}.backend", "has no provider in the topology foundation", "use the topology of its cloud"
    )
