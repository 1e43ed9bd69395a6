"""The configuration of all environments: parsed once, checked whole, and refused with every mistake named."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast

from pydantic import Discriminator, Field, Tag, ValidationError

from ..aws.config import AwsEnvironmentConfig
from ..contracts import Names
from ..errors import ConfigError, Problem
from ..gcp.config import GcpEnvironmentConfig
from ..vault.config import VaultEnvironmentConfig
from .environment import EnvironmentConfig, located
from .models import ConfigModel
from .rules import EnvironmentName, Prefix, known_fields, problems_of
from .sharing import sharing_problems


def _backend(environment: Any) -> str | None:
    if isinstance(environment, EnvironmentConfig):
        return environment.backend
    given = cast(Mapping[str, Any], environment).get("backend", "aws") if isinstance(environment, Mapping) else "aws"
    return given if isinstance(given, str) else None


AnyEnvironment = Annotated[
    Annotated[AwsEnvironmentConfig, Tag("aws")]
    | Annotated[GcpEnvironmentConfig, Tag("gcp")]
    | Annotated[VaultEnvironmentConfig, Tag("vault")],
    Discriminator(_backend),
]


class BootstrapConfig(ConfigModel, frozen=True):
    """All environments of one prefix.

    prefix: put in front of every name in the account; lower case, up to 24 characters.
    environments: the environments by name, each with the fields of its backend; at least one.
    """

    prefix: Prefix
    environments: Annotated[dict[EnvironmentName, AnyEnvironment], Field(min_length=1)]

    def names(self, environment: str) -> Names:
        return self.environments[environment].names(self.prefix, environment)

    def cluster_name(self, environment: str) -> str:
        return self.environments[environment].cluster.name or f"{self.prefix}-{environment}"


def parse_config(values: Mapping[str, object]) -> BootstrapConfig:
    """Parse and check the whole configuration.

    values: `prefix` (text) and `environments` (a mapping of name to the fields of EnvironmentConfig).

    Returns the frozen configuration.
    Raises ConfigError that names every mistake by its full path, such as `environments.prod.region`.
    """
    try:
        config = BootstrapConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError.of(problems_of(error, lambda path: known_fields(BootstrapConfig, path))) from None
    problems = [*sharing_problems(config.environments, config.cluster_name), *_with_names(config)]
    if problems:
        raise ConfigError.of(problems)
    return config


def _with_names(config: BootstrapConfig) -> Iterator[Problem]:
    for name, environment in config.environments.items():
        for problem in environment.problems(config.names(name)):
            yield located(name, problem)
