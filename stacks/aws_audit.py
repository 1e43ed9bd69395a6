"""One trail for each AWS account of the configuration, however many environments lie in it."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components import AwsAuditTrail, AwsAuditTrailArgs, BootstrapConfig, ConfigError, DeletionProfile
from components.aws.config import AwsEnvironmentConfig


def audit_trails(config: BootstrapConfig, providers: Mapping[str, pulumi.ProviderResource]) -> dict[str, Any]:
    """Create the trail of each account, unless it has one: the trails' ARNs by account.

    Its home region and its provider are those of the account's first environment. It is durable if one of them is.

    providers: the provider of each environment.

    Raises ConfigError if two environments of one account want different things.
    """
    accounts: dict[str, dict[str, AwsEnvironmentConfig]] = {}
    for name, environment in config.environments.items():
        if isinstance(environment, AwsEnvironmentConfig):
            accounts.setdefault(environment.account_id, {})[name] = environment
    for inside in accounts.values():
        _require_one_wish(inside)
    return {account: _trail(config.prefix, inside, providers) for account, inside in accounts.items()}


def _require_one_wish(inside: Mapping[str, AwsEnvironmentConfig]) -> None:
    first, *others = inside
    for other in others:
        if inside[other].audit != inside[first].audit:
            raise ConfigError(
                f"environments.{other}.audit",
                f"is not what environments.{first}.audit says, and an account has one trail",
                "write the same for every environment of the account",
            )


def _trail(
    prefix: str, inside: Mapping[str, AwsEnvironmentConfig], providers: Mapping[str, pulumi.ProviderResource]
) -> pulumi.Input[str]:
    name, environment = next(iter(inside.items()))
    if environment.audit.existing_trail_arn is not None:
        return environment.audit.existing_trail_arn
    durable = any(one.deletion_profile.protect for one in inside.values())
    args = AwsAuditTrailArgs(
        prefix=prefix,
        account_id=environment.account_id,
        region=environment.region,
        retention_days=environment.audit.retention_days,
        deletion_profile=DeletionProfile.DURABLE if durable else DeletionProfile.EPHEMERAL,
    )
    options = pulumi.ResourceOptions(providers=[providers[name]])
    return AwsAuditTrail(f"audit-{environment.account_id}", args, options).trail_arn
