"""The typed configuration of environments: parsed once, and every impossible pair refused before anything is created.

In YAML, fields are written in camelCase.
"""

from collections.abc import Iterator, Mapping
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
    Distinct,
    EnvironmentName,
    KubernetesName,
    Prefix,
    PrincipalArn,
    Region,
    RoleArn,
    SecretName,
    fault,
    known_fields,
    problems_of,
)
from .deletion import DeletionProfile
from .errors import ConfigError, Problem
from .forms import SECRET_NAME, SECRET_NAME_END, Arn
from .naming import TENANTS_FOLDER, AwsNames
from .sharing import sharing_problems

_IN_EVERY_CLUSTER = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


class EnvironmentConfig(ConfigModel):
    """One environment in one account and region: keys, secrets, a cluster, and how the cluster gets at the secrets.

    region: AWS region, such as eu-west-1.
    accountId: AWS account; 12 digits in quotes.
    cluster: the cluster, of kind selfManaged or eks.
    identity: how the operator gets into AWS.
    administrators: ARNs of those who manage the keys and cannot use them; at least one, of this account.
    deployers: ARNs of those who run this program; at least one, all of them administrators too.
    store: the ClusterSecretStore and who may use it.
    writers: ARNs of those who put values into containers, of this account; default none.
    deployerRoleArn: the one of deployers that the program takes in this account; default none: its caller's own.
    namespaces: your namespaces, created here; the operator writes Secrets in them; default none.
    secrets: containers by name; default none.
    deletionProfile: durable or ephemeral; default durable.
    secretRecoveryDays: days that a deleted container can be restored; 0 or 7 to 30; default the profile's.
    keys: key lifetimes, and keys to adopt; default new ones.
    operator: the operator and its chart.
    firstSync: the canary.
    argocd: Argo CD's first repository; default none.
    """

    region: Region
    account_id: AccountId
    cluster: Annotated[SelfManagedClusterConfig | EksClusterConfig, Field(discriminator="kind")]
    identity: IdentityConfig
    administrators: Annotated[tuple[PrincipalArn, ...], Field(min_length=1), Distinct]
    deployers: Annotated[tuple[PrincipalArn, ...], Field(min_length=1), Distinct]
    store: StoreConfig
    writers: Annotated[tuple[PrincipalArn, ...], Distinct] = ()
    deployer_role_arn: RoleArn | None = None
    namespaces: Annotated[tuple[KubernetesName, ...], Distinct] = ()
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
    def _deployer_role(self) -> Self:
        if self.deployer_role_arn is not None and self.deployer_role_arn not in self.deployers:
            raise fault(
                "is none of the deployers, so neither the keys nor the cluster would let it in",
                "add the same ARN to deployers",
                "deployerRoleArn",
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
        for field, text in self._arns():
            arn = Arn.parse(text)
            if arn is None or not arn.lies_in(self.account_id, self.region):
                raise fault(
                    "lies in another account, partition or region than the environment",
                    "name one of this environment's",
                    field,
                )
        return self

    def _arns(self) -> Iterator[tuple[str, str]]:
        for field in ("administrators", "deployers", "writers"):
            for index, arn in enumerate(getattr(self, field)):
                yield f"{field}.{index}", arn
        for role, arn in self.keys.existing.by_role().items():
            yield f"keys.existing.{role}", arn
        for name, secret in self.secrets.items():
            if secret.existing_arn is not None:
                yield f"secrets.{name}.existingArn", secret.existing_arn
        if self.identity.oidc_provider_arn is not None:
            yield "identity.oidcProviderArn", self.identity.oidc_provider_arn

    @model_validator(mode="after")
    def _namespaces_are_known(self) -> Self:
        known = {*self.namespaces, *self.system_namespaces}
        for index, condition in enumerate(self.store.conditions):
            for place, namespace in enumerate(condition.namespaces or ()):
                if namespace not in known:
                    raise fault(
                        "is none of the environment's namespaces, so the operator may write no Secret there",
                        "add it to the environment's namespaces, or take it out of the condition",
                        f"store.conditions.{index}.namespaces.{place}",
                    )
        if self.operator.namespace in known:
            raise fault("also uses the store", "give the operator a namespace of its own", "operator.namespace")
        return self

    @model_validator(mode="after")
    def _namespaces_can_be_created(self) -> Self:
        created = [(f"namespaces.{index}", one) for index, one in enumerate(self.namespaces)]
        created += [("operator.namespace", self.operator.namespace), ("firstSync.namespace", self.first_sync.namespace)]
        if self.argocd is not None and self.argocd.create_namespace:
            created.append(("argocd.namespace", self.argocd.namespace))
        for field, namespace in created:
            if namespace in _IN_EVERY_CLUSTER:
                raise fault("is in every cluster already, so it cannot be created", "choose a name of your own", field)
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
        if self.first_sync.secret.startswith(TENANTS_FOLDER):
            raise fault(
                "lies among the tenants' containers, where the operator may write nothing",
                f"choose a name that does not begin with {TENANTS_FOLDER}",
                "firstSync.secret",
            )
        for form in (SECRET_NAME, SECRET_NAME_END):
            if self.deploy_key_secret is not None and not form.holds(self.deploy_key_secret):
                raise fault(
                    f"is also the end of a container's name, and there {form.reason}",
                    "choose a name such as platform",
                    "argocd.repository.name",
                )
        return self


class BootstrapConfig(ConfigModel):
    """All environments of one prefix.

    prefix: put in front of every name in the account; lower case, up to 24 characters.
    environments: the environments by name; at least one.
    """

    prefix: Prefix
    environments: Annotated[dict[EnvironmentName, EnvironmentConfig], Field(min_length=1)]

    def names(self, environment: str) -> AwsNames:
        chosen = self.environments[environment]
        return AwsNames(prefix=self.prefix, environment=environment, account_id=chosen.account_id, region=chosen.region)

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
    problems = [*sharing_problems(config), *_foreign_containers(config)]
    if problems:
        raise ConfigError.of(problems)
    return config


def _foreign_containers(config: BootstrapConfig) -> Iterator[Problem]:
    for name, environment in config.environments.items():
        for secret, chosen in environment.secrets.items():
            if chosen.existing_arn is not None and not config.names(name).holds_secret(chosen.existing_arn):
                yield Problem(
                    f"environments.{name}.secrets.{secret}.existingArn",
                    f"lies outside {config.names(name).secret_prefix}, and the operator may read nothing else",
                    "adopt a container of this environment, or copy its value into a new one",
                )
