"""The configuration of all environments: parsed once, checked whole, and refused with every mistake named."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self, cast

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from ..aws.config import AwsEnvironmentConfig
from ..azure.config import AzureEnvironmentConfig
from ..contracts import Names
from ..errors import ConfigError, Problem
from ..faults import fault
from ..gcp.config import GcpEnvironmentConfig
from ..vault.config import VaultEnvironmentConfig
from .environment import EnvironmentConfig, located
from .models import ConfigModel
from .rules import EnvironmentName, Prefix, known_fields, problems_of
from .sealed import SealedEnvironmentConfig
from .sharing import sharing_problems


def _backend(environment: Any) -> str | None:
    if isinstance(environment, EnvironmentConfig):
        return environment.backend
    given = cast(Mapping[str, Any], environment).get("backend", "aws") if isinstance(environment, Mapping) else "aws"
    return given if isinstance(given, str) else None


AnyEnvironment = Annotated[
    Annotated[AwsEnvironmentConfig, Tag("aws")]
    | Annotated[AzureEnvironmentConfig, Tag("azure")]
    | Annotated[GcpEnvironmentConfig, Tag("gcp")]
    | Annotated[VaultEnvironmentConfig, Tag("vault")],
    Discriminator(_backend),
]


class BootstrapConfig(ConfigModel, frozen=True):
    """All environments of one prefix.

    prefix: put in front of every name in the account; lower case, up to 24 characters.
    environments: the environments by name, each with the fields of its backend; default none.
    sealedEnvironments: those without a secret manager, by name; default none. There is at least one of either.
    """

    prefix: Prefix
    environments: dict[EnvironmentName, AnyEnvironment] = Field(default_factory=dict[str, AnyEnvironment])
    sealed_environments: dict[EnvironmentName, SealedEnvironmentConfig] = Field(
        default_factory=dict[str, SealedEnvironmentConfig]
    )

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if not self.environments and not self.sealed_environments:
            raise fault("is empty", "name at least 1", "environments")
        for name in self.sealed_environments:
            if name in self.environments:
                raise fault("has a manager as well", "keep it in environments alone", f"sealedEnvironments.{name}")
        return self

    def names(self, environment: str) -> Names:
        return self.environments[environment].names(self.prefix, environment)

    def cluster_name(self, environment: str) -> str:
        sealed = self.sealed_environments.get(environment)
        given = sealed.cluster_name if sealed else self.environments[environment].cluster.name
        return given or f"{self.prefix}-{environment}"


def parse_config(values: Mapping[str, object]) -> BootstrapConfig:
    """Parse and check the whole configuration.

    values: `prefix` (text), `environments` (a mapping of name to the fields of EnvironmentConfig) and
        `sealedEnvironments` (to those of SealedEnvironmentConfig).

    Returns the frozen configuration.
    Raises ConfigError that names every mistake by its full path, such as `environments.prod.region`.
    """
    try:
        config = BootstrapConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError.of(problems_of(error, lambda path: known_fields(BootstrapConfig, path))) from None
    problems = [
        *sharing_problems(config.environments, config.sealed_environments, config.cluster_name),
        *_with_names(config),
    ]
    if problems:
        raise ConfigError.of(problems)
    return config


def _with_names(config: BootstrapConfig) -> Iterator[Problem]:
    for name, environment in config.environments.items():
        for problem in environment.problems(config.names(name)):
            yield located(name, problem)
