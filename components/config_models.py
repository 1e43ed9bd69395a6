"""The parts of an environment's configuration. In YAML, fields are written in camelCase."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from .config_rules import Duration, KeyArn, KubernetesName, OidcProviderArn, SecretArn, SecretName, fault
from .contracts import IdentityKind


class ConfigModel(BaseModel):
    """Base of every part: frozen, unknown fields refused, values never repeated in errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class ServiceAccountConfig(ConfigModel):
    """A Kubernetes service account by namespace and name."""

    namespace: KubernetesName
    name: KubernetesName


class IdentityConfig(ConfigModel):
    """How the operator gets into AWS. `oidcProviderArn` adopts a registered issuer (IRSA only)."""

    kind: IdentityKind
    service_account_ref: ServiceAccountConfig | None = None
    oidc_provider_arn: OidcProviderArn | None = None

    @model_validator(mode="after")
    def _possible_pair(self) -> Self:
        if self.kind is IdentityKind.POD_IDENTITY and self.service_account_ref is not None:
            raise fault(
                "cannot be combined with EKS Pod Identity: the store must have no `auth` (external-secrets #2951)",
                "remove serviceAccountRef, or set kind to irsa",
                "serviceAccountRef",
            )
        if self.kind is IdentityKind.POD_IDENTITY and self.oidc_provider_arn is not None:
            raise fault(
                "has no meaning with EKS Pod Identity, which uses no OIDC provider",
                "remove oidcProviderArn, or set kind to irsa",
                "oidcProviderArn",
            )
        return self


class ExistingKeys(ConfigModel):
    """Keys to adopt instead of creating them, by ARN. Their key policies stay as they are."""

    secrets: KeyArn | None = None
    etcd: KeyArn | None = None
    tenants: KeyArn | None = None

    def by_role(self) -> dict[str, str]:
        return {role: arn for role, arn in self if arn is not None}


class KeysConfig(ConfigModel):
    """Key lifetimes in days. `deletionWindowDays` defaults to the deletion profile's."""

    rotation_days: Annotated[int, Field(ge=90, le=2560)] = 365
    deletion_window_days: Annotated[int, Field(ge=7, le=30)] | None = None
    existing: ExistingKeys = ExistingKeys()


class SecretConfig(ConfigModel):
    """One container in Secrets Manager, created empty. `existingArn` adopts one that is there."""

    description: Annotated[str, Field(max_length=2048)] | None = None
    existing_arn: SecretArn | None = None


class ConditionConfig(ConfigModel):
    """Who may use the store: exactly one of `namespaces`, `namespaceSelector` (labels) and `namespaceRegexes`."""

    namespaces: Annotated[tuple[KubernetesName, ...], Field(min_length=1)] | None = None
    namespace_selector: Annotated[dict[str, str], Field(min_length=1)] | None = None
    namespace_regexes: Annotated[tuple[str, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(value is not None for _, value in self) != 1:
            raise fault(
                "must have exactly one of namespaces, namespaceSelector and namespaceRegexes",
                "keep one of them; write several conditions for several rules",
            )
        return self


class StoreConfig(ConfigModel):
    """The ClusterSecretStore.

    `conditions` is mandatory: a store without any is open to every namespace (external-secrets #2240).
    """

    conditions: Annotated[tuple[ConditionConfig, ...], Field(min_length=1)]
    name: KubernetesName | None = None
    existing: bool = False


class OperatorConfig(ConfigModel):
    """The operator and its chart.

    `webhook` is its validating webhook; `timeoutSeconds` is how long its pods may take.
    """

    namespace: KubernetesName = "external-secrets"
    service_account: KubernetesName = "external-secrets"
    webhook: bool = True
    chart: str = "external-secrets"
    repository: str | None = "https://charts.external-secrets.io"
    version: str | None = "0.20.4"
    timeout_seconds: Annotated[int, Field(ge=30, le=3600)] = 300


class FirstSyncConfig(ConfigModel):
    """The canary.

    Its namespace, its container's name, how often it is read again, and how long the first time may take.
    """

    namespace: KubernetesName = "secrets-bootstrap"
    secret: SecretName = "canary"  # noqa: S105 - a container's name
    refresh_interval: Duration = "1h"
    timeout_seconds: Annotated[int, Field(ge=10, le=3600)] = 300


class RepositoryConfig(ConfigModel):
    """A Git repository that Argo CD reads by SSH with a deploy key made here."""

    name: KubernetesName
    url: Annotated[str, Field(pattern=r"^(git@[\w.-]+:|ssh://git@)[\w./:-]+$")]


class ArgoCdConfig(ConfigModel):
    """Argo CD's secrets. `createNamespace: false` if Argo CD is installed already."""

    repository: RepositoryConfig
    namespace: KubernetesName = "argocd"
    create_namespace: bool = True


class SelfManagedClusterConfig(ConfigModel):
    """A control plane that you run yourself, encrypted by a KMS plugin.

    `encryptionProviderName` cannot change once it is used. `kmsPluginImage`: aws-encryption-provider has no published
    image, so name the one that you built.
    """

    kind: Literal["selfManaged"]
    kms_plugin_image: Annotated[str, Field(min_length=1)]
    name: KubernetesName | None = None
    encryption_provider_name: KubernetesName = "aws-kms-1"


class EksClusterConfig(ConfigModel):
    """An EKS cluster, created with the key wired in, in subnets that are there.

    Without `publicAccessCidrs` its API has no public address. `version` defaults to the newest of EKS.
    """

    kind: Literal["eks"]
    subnet_ids: Annotated[tuple[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]{8,17}$")], ...], Field(min_length=2)]
    name: KubernetesName | None = None
    version: Annotated[str, Field(pattern=r"^1\.\d{2}$")] | None = None
    instance_types: Annotated[tuple[str, ...], Field(min_length=1)] = ("m7g.large",)
    ami_type: str = "AL2023_ARM_64_STANDARD"
    nodes: Annotated[int, Field(ge=1, le=450)] = 2
    public_access_cidrs: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
