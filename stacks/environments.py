"""What every topology does alike: read the configuration, and one provider of a cloud for each environment."""

from typing import TYPE_CHECKING

import pulumi

from components import AwsNames, AzureNames, BootstrapConfig, parse_config

if TYPE_CHECKING:
    import pulumi_aws as aws
    import pulumi_azure_native as azure_native


def read_config() -> BootstrapConfig:
    """The stack's configuration, parsed and checked. Raises ConfigError before any resource is registered."""
    config = pulumi.Config()
    values = {"prefix": config.get("prefix"), "environments": config.get_object("environments")}
    return parse_config({key: value for key, value in values.items() if value is not None})


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


def azure_provider(names: AzureNames) -> "azure_native.Provider":
    """A provider for the environment's subscription and tenant, as whoever the Azure CLI or a pipeline is signed in."""
    import pulumi_azure_native as azure_native

    return azure_native.Provider(
        f"{names.environment}-azure", subscription_id=names.subscription_id, tenant_id=names.tenant_id
    )
