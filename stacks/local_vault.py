"""A real Vault and real control planes, all on this machine.

Vault's address, the authorities and the deployer's certificate depend on the machine: `make up` sets them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_vault as vault

from components import ConfigError
from components.config.environment import EnvironmentConfig
from components.vault.config import VaultEnvironmentConfig
from stacks.beside_vault import beside
from stacks.environments import read_config
from stacks.local_environment import LocalEnvironment, from_machine

_WRITER_SECONDS = 600


def run() -> None:
    """Bootstrap every environment and export references to what was made; never a value."""
    config = read_config(_on_this_machine)
    checked = {name: _checked(name, environment) for name, environment in config.environments.items()}
    made = {
        name: LocalEnvironment(
            name,
            config,
            _vault_provider(name),
            encryption_provider_name=environment.cluster.encryption_provider_name,
        )
        for name, environment in checked.items()
    }
    exported: dict[str, Any] = {}
    for name, environment in made.items():
        _writer_role(name, environment)
        names = checked[name].names(config.prefix, name)
        exported[name] = {**environment.references, **beside(names, checked[name], environment)}
    pulumi.export("environments", exported)


def _checked(name: str, environment: EnvironmentConfig) -> VaultEnvironmentConfig:
    """The environment, if this topology can make it. Raises ConfigError."""
    if not isinstance(environment, VaultEnvironmentConfig):
        raise ConfigError(f"environments.{name}.backend", "this topology has a Vault only", "set it to vault")
    return environment


def _on_this_machine(environment: Mapping[str, Any]) -> Mapping[str, Any]:
    """The environment's fields, with those that only the machine knows."""
    if environment.get("backend") != "vault":
        return environment  # it is refused as what it is
    authority = Path(from_machine("SECRETS_BOOTSTRAP_MACHINE_CA")).read_text()
    return {
        **environment,
        "address": from_machine("VAULT_ADDR"),
        "caCertificate": Path(from_machine("VAULT_CACERT")).read_text(),
        "cluster": {**environment.get("cluster", {}), "machineCaCertificate": authority},
    }


def _writer_role(name: str, environment: LocalEnvironment) -> None:
    """Who writes values on this machine: the one with the writer's certificate, by the environment's own policy."""
    vault.CertAuthBackendRole(
        f"{name}-writer",
        backend="machines",
        name=environment.references["writersPolicy"],  # the role has its policy's name
        certificate=Path(from_machine("SECRETS_BOOTSTRAP_MACHINE_CA")).read_text(),
        allowed_common_names=["writer"],
        token_policies=[environment.references["writersPolicy"]],
        token_no_default_policy=True,
        token_ttl=_WRITER_SECONDS,
        token_max_ttl=_WRITER_SECONDS,
        opts=pulumi.ResourceOptions(provider=environment.cloud_provider),
    )


def _vault_provider(environment: str) -> vault.Provider:
    """The deployer, by its machine's certificate: there is no token to keep."""
    return vault.Provider(
        f"{environment}-vault",
        address=from_machine("VAULT_ADDR"),
        ca_cert_file=from_machine("VAULT_CACERT"),
        auth_login_cert=vault.ProviderAuthLoginCertArgs(
            mount="machines",
            name="deployer",
            cert_file=from_machine("VAULT_CLIENT_CERT"),
            key_file=from_machine("VAULT_CLIENT_KEY"),
        ),
        skip_child_token=True,
    )
