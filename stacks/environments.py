"""What every topology does alike: read the configuration, and one AWS provider for each environment."""

import pulumi
import pulumi_aws as aws

from components import AwsNames, BootstrapConfig, parse_config


def read_config() -> BootstrapConfig:
    """The stack's configuration, parsed and checked. Raises ConfigError before any resource is registered."""
    config = pulumi.Config()
    values = {"prefix": config.get("prefix"), "environments": config.get_object("environments")}
    return parse_config({key: value for key, value in values.items() if value is not None})


def aws_provider(names: AwsNames, role_arn: str | None = None) -> aws.Provider:
    """A provider that refuses any account but the environment's. It takes a role there, if one is named."""
    role = aws.ProviderAssumeRoleArgs(role_arn=role_arn, session_name="secrets-bootstrap") if role_arn else None
    return aws.Provider(
        f"{names.environment}-aws",
        region=aws.Region(names.region),
        allowed_account_ids=[names.account_id],
        assume_roles=[role] if role else None,
    )
