"""What every topology does alike: read the configuration and foundations, one AWS provider for each environment."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from components import AwsNames, BootstrapConfig, ConfigError, Foundation, parse_config
from components.aws.config import AwsEnvironmentConfig
from components.foundation import FoundationOutputs, refer_to_foundation

if TYPE_CHECKING:
    import pulumi_aws as aws


def read_config(complete: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None) -> BootstrapConfig:
    """The stack's configuration, parsed and checked. Raises ConfigError before any resource is registered.

    complete: adds to an environment what is not written down; default nothing.
    """
    config = pulumi.Config()
    environments: Any = config.get_object("environments")
    if complete is not None and isinstance(environments, Mapping):
        environments = {name: complete(one) if isinstance(one, Mapping) else one for name, one in environments.items()}
    values = {"prefix": config.get("prefix"), "environments": environments}
    return parse_config({key: value for key, value in values.items() if value is not None})


def read_foundations(config: BootstrapConfig) -> Mapping[str, Foundation]:
    """The foundations that the stack named by `foundationStack` made; none if no stack is named.

    Raises ConfigError, once that stack's outputs are known, for an environment that is not among them.
    """
    stack = pulumi.Config().get("foundationStack")
    if stack is None:
        return {}
    exported = pulumi.StackReference(stack).require_output("environments")

    def outputs(name: str) -> FoundationOutputs:
        return FoundationOutputs(values=exported.apply(lambda environments: _environment(environments, name)))

    return {
        name: refer_to_foundation(config.names(name), environment, outputs(name))
        for name, environment in config.environments.items()
    }


def _environment(environments: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if name not in environments:
        raise ConfigError(
            f"environments.{name}",
            "has no foundation in the stack that foundationStack names",
            "add it to that stack's environments and run `pulumi up` there first",
        )
    return environments[name]


def aws_provider(names: AwsNames, role_arn: str | None = None) -> "aws.Provider":
    """A provider that refuses any account but the environment's. It takes a role there, if one is named."""
    import pulumi_aws as aws

    role = aws.ProviderAssumeRoleArgs(role_arn=role_arn, session_name="secrets-bootstrap") if role_arn else None
    return aws.Provider(
        f"{names.environment}-aws",
        region=aws.Region(names.region),
        allowed_account_ids=[names.account_id],
        assume_roles=[role] if role else None,
    )


def aws_providers(config: BootstrapConfig) -> "Mapping[str, aws.Provider]":
    """The provider of each environment on AWS."""
    return {
        name: aws_provider(environment.names(config.prefix, name), environment.deployer_role_arn)
        for name, environment in config.environments.items()
        if isinstance(environment, AwsEnvironmentConfig)
    }
