"""The topology `local` with teams in its environments, and beside each CI, tenants, cert-manager and SOPS files."""

import pulumi

from components.aws.config import AwsEnvironmentConfig
from stacks import local
from stacks.beside_aws import beside
from stacks.environments import read_config


def run() -> None:
    """Bootstrap every environment and what stands beside it, and export references to both; never a value."""
    config = read_config()
    references: dict[str, pulumi.Input[object]] = {}
    for name, made in local.bootstrap(config).items():
        environment = config.environments[name]
        assert isinstance(environment, AwsEnvironmentConfig)  # local.bootstrap has refused all others
        names = environment.names(config.prefix, name)
        references[name] = {**made.references, **beside(names, environment, made)}
    pulumi.export("environments", references)
