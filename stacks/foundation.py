"""The first of two stacks: foundations and no cluster. The second one names it in `foundationStack`."""

from typing import Any

import pulumi

from components import BootstrapConfig, ConfigError
from components.azure.config import AzureEnvironmentConfig
from components.foundation import create_foundation, foundation_references
from components.gcp.config import GcpEnvironmentConfig
from components.vault.config import VaultEnvironmentConfig
from stacks.aws_audit import audit_trails
from stacks.environments import aws_providers, read_config


def run() -> None:
    """Create every environment's foundation and each account's trail, and export references; never a value."""
    config = read_config()
    providers = _providers(config)
    made = {name: foundation_environment(name, config, providers[name]) for name in config.environments}
    pulumi.export("environments", made)
    pulumi.export("auditTrails", audit_trails(config, providers))


def foundation_environment(name: str, config: BootstrapConfig, provider: pulumi.ProviderResource) -> dict[str, Any]:
    """One environment's foundation: its references."""
    options = pulumi.ResourceOptions(providers=[provider])
    foundation = create_foundation(f"{name}-foundation", config.names(name), config.environments[name], options)
    return foundation_references(foundation)


def _providers(config: BootstrapConfig) -> dict[str, pulumi.ProviderResource]:
    """The provider of each environment. Only the SDKs of the clouds that are used are loaded."""
    providers: dict[str, pulumi.ProviderResource] = {**aws_providers(config)}
    for name, environment in config.environments.items():
        match environment:
            case GcpEnvironmentConfig():
                from stacks.gke import gcp_provider

                providers[name] = gcp_provider(environment.names(config.prefix, name))
            case AzureEnvironmentConfig():
                from stacks.aks import azure_provider

                providers[name] = azure_provider(environment.names(config.prefix, name))
            case VaultEnvironmentConfig():
                # Who comes to your Vault, and how, is not in the configuration.
                raise ConfigError(
                    f"environments.{name}.backend",
                    "has no provider in this topology",
                    "write a program of your own with create_foundation and a provider of your Vault",
                )
            case _:
                pass
    return providers
