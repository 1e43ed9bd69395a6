"""The typed configuration of environments: parsed once, and every impossible pair refused before anything is created.

Source of the field list for people: `Pulumi.yaml` and docs. In YAML, fields are written in camelCase.
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from .config_models import (
    ArgoCdConfig,
    ConfigModel,
    EksClusterConfig,
    FirstSyncConfig,
    IdentityConfig,
    KeysConfig,
    OperatorConfig,
    SecretConfig,
    SelfManagedClusterConfig,
    StoreConfig,
)
from .config_rules import (
    AccountId,
    EnvironmentName,
    KubernetesName,
    Prefix,
    PrincipalArn,
    Region,
    SecretName,
    fault,
    known_fields,
    problems_of,
)
from .deletion import DeletionProfile
from .errors import ConfigError, Problem
from .naming import MAX_ROLE_NAME, OPERATOR_ROLE, Arn, AwsNames
from .sharing import sharing_problems


class EnvironmentConfig(ConfigModel):
    """One environment in one account and region: keys, secrets, a cluster, and how the cluster gets at the secrets.

    `administrators` manage keys; `deployers`, some of them, run this program; `writers` put values into containers.
    """

    region: Region
    account_id: AccountId
    cluster: Annotated[SelfManagedClusterConfig | EksClusterConfig, Field(discriminator="kind")]
    identity: IdentityConfig
    administrators: Annotated[tuple[PrincipalArn, ...], Field(min_length=1)]
    deployers: Annotated[tuple[PrincipalArn, ...], Field(min_length=1)]
    store: StoreConfig
    writers: tuple[PrincipalArn, ...] = ()
    namespaces: tuple[KubernetesName, ...] = ()
    secrets: dict[SecretName, SecretConfig] = Field(default_factory=dict[str, SecretConfig])
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    secret_recovery_days: Annotated[int, Field(ge=0, le=30)] | None = None
    keys: KeysConfig = KeysConfig()
    operator: OperatorConfig = OperatorConfig()
    first_sync: FirstSyncConfig = FirstSyncConfig()
    argocd: ArgoCdConfig | None = None

    @property
    def system_namespaces(self) -> tuple[str, ...]:
        """Namespaces of the program's own objects. They may use the store without being named in its conditions."""
        return (self.first_sync.namespace, *((self.argocd.namespace,) if self.argocd else ()))

    @property
    def deploy_key_secret(self) -> str | None:
        """The container of Argo CD's deploy key."""
        return f"argocd/{self.argocd.repository.name}" if self.argocd else None

    @property
    def recovery_days(self) -> int:
        chosen = self.secret_recovery_days
        return self.deletion_profile.recovery_days if chosen is None else chosen

    @model_validator(mode="after")
    def _deployers_administer(self) -> Self:
        for index, deployer in enumerate(self.deployers):
            if deployer not in self.administrators:
                raise fault(
                    "does not administer the keys, and KMS refuses a key policy that locks out whoever writes it",
                    "add the same ARN to administrators",
                    f"deployers.{index}",
                )
        return self

    @model_validator(mode="after")
    def _recovery_window(self) -> Self:
        if self.secret_recovery_days is not None and 0 < self.secret_recovery_days < 7:
            raise fault(
                "is neither 0 nor from 7 to 30 days", "write 0 (delete at once) or 7 to 30", "secretRecoveryDays"
            )
        return self

    @model_validator(mode="after")
    def _in_this_account_and_region(self) -> Self:
        regional = {f"keys.existing.{role}": arn for role, arn in self.keys.existing.by_role().items()}
        regional |= {
            f"secrets.{name}.existingArn": one.existing_arn for name, one in self.secrets.items() if one.existing_arn
        }
        for field, text in regional.items():
            arn = Arn.parse(text)
            if arn is not None and (arn.region, arn.account) != (self.region, self.account_id):
                raise fault(
                    "lies in another account or region than the environment", "name one of this environment's", field
                )
        provider = Arn.parse(self.identity.oidc_provider_arn or "")
        if provider is not None and provider.account != self.account_id:
            raise fault(
                "lies in another account than the environment",
                "name one of this environment's",
                "identity.oidcProviderArn",
            )
        return self

    @model_validator(mode="after")
    def _namespaces_are_known(self) -> Self:
        known = {*self.namespaces, *self.system_namespaces}
        for condition in self.store.conditions:
            unknown = sorted(set(condition.namespaces or ()) - known)
            if unknown:
                raise fault(
                    f"names {', '.join(unknown)}, where the operator may write no Secret",
                    "add it to the environment's namespaces, or take it out of the condition",
                    "store.conditions",
                )
        if self.operator.namespace in known:
            raise fault("also uses the store", "give the operator a namespace of its own", "operator.namespace")
        return self

    @model_validator(mode="after")
    def _store_identity(self) -> Self:
        reference = self.identity.service_account_ref
        if reference is not None and reference.namespace != self.operator.namespace:
            raise fault(
                "lies outside the operator's namespace, where the operator may mint no token",
                f"set it to {self.operator.namespace}",
                "identity.serviceAccountRef.namespace",
            )
        return self

    @model_validator(mode="after")
    def _own_containers(self) -> Self:
        for own, what in ((self.first_sync.secret, "the first sync"), (self.deploy_key_secret, "Argo CD's deploy key")):
            if own in self.secrets:
                raise fault(f"is the container of {what}, which declares its own", "remove it", f"secrets.{own}")
        return self


class BootstrapConfig(ConfigModel):
    """All environments of one prefix."""

    prefix: Prefix
    environments: Annotated[dict[EnvironmentName, EnvironmentConfig], Field(min_length=1)]

    def names(self, environment: str) -> AwsNames:
        chosen = self.environments[environment]
        return AwsNames(prefix=self.prefix, environment=environment, account_id=chosen.account_id, region=chosen.region)

    def cluster_name(self, environment: str) -> str:
        return self.environments[environment].cluster.name or f"{self.prefix}-{environment}"


def parse_config(values: Mapping[str, object]) -> BootstrapConfig:
    """Parse and check the whole configuration.

    Inputs: `prefix` (str) and `environments` (a mapping of name to the fields of `EnvironmentConfig`).
    Output: the frozen configuration. Raises ConfigError naming every mistake by its full path, such as
    `environments.prod.region`.
    """
    try:
        config = BootstrapConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError.of(problems_of(error, lambda path: known_fields(BootstrapConfig, path))) from None
    problems = [*_name_problems(config), *sharing_problems(config)]
    if problems:
        raise ConfigError.of(problems)
    return config


def _name_problems(config: BootstrapConfig) -> list[Problem]:
    return [
        Problem(
            f"environments.{name}",
            f"with this prefix the role's name is longer than {MAX_ROLE_NAME} characters",
            "shorten the prefix or the environment's name",
        )
        for name in config.environments
        if len(config.names(name).role_name(OPERATOR_ROLE)) > MAX_ROLE_NAME
    ]
