"""The parts of an environment's configuration. In YAML, fields are written in camelCase."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from .config_rules import (
    Cidr,
    Distinct,
    Duration,
    GitSshUrl,
    HttpsUrl,
    Image,
    KeyArn,
    KubernetesName,
    KubernetesVersion,
    LabelKey,
    LabelValue,
    NamespacePattern,
    OidcProviderArn,
    SecretArn,
    SecretName,
    SubnetId,
    fault,
)
from .contracts import IdentityKind
from .forms import is_oci


class ConfigModel(BaseModel):
    """Base of every part: frozen, unknown fields refused, values never repeated in errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class ServiceAccountConfig(ConfigModel):
    """A Kubernetes service account.

    namespace: its namespace.
    name: its name.
    """

    namespace: KubernetesName
    name: KubernetesName


class IdentityConfig(ConfigModel):
    """How the operator gets into AWS.

    kind: `irsa` or `podIdentity`.
    serviceAccountRef: another service account than the operator's own (IRSA only); default none.
    oidcProviderArn: the ARN of an issuer that IAM knows already, to adopt it (IRSA only); default none.
    """

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
    """Keys to adopt instead of creating them. Their key policies and their rotation stay as they are.

    secrets: ARN of the key of the environment's containers; default none.
    etcd: ARN of the key of the cluster's Secrets; default none.
    tenants: ARN of the key of the tenants' containers; default none.
    """

    secrets: KeyArn | None = None
    etcd: KeyArn | None = None
    tenants: KeyArn | None = None

    def by_role(self) -> dict[str, str]:
        return {role: arn for role, arn in self if arn is not None}


class KeysConfig(ConfigModel):
    """The environment's keys.

    rotationDays: days between rotations of the key material; 90 to 2560; default 365.
    deletionWindowDays: days from a key's deletion until it is final; 7 to 30; default the deletion profile's.
    existing: keys to adopt; default none.
    """

    rotation_days: Annotated[int, Field(ge=90, le=2560)] = 365
    deletion_window_days: Annotated[int, Field(ge=7, le=30)] | None = None
    existing: ExistingKeys = ExistingKeys()


class SecretConfig(ConfigModel):
    """One container in Secrets Manager, created empty.

    description: what it is for; up to 2048 characters; default none.
    existingArn: the ARN of a container to adopt, under the environment's own prefix; default none.
    """

    description: Annotated[str, Field(max_length=2048)] | None = None
    existing_arn: SecretArn | None = None


class ConditionConfig(ConfigModel):
    """Who may use the store. Exactly one of the three is given.

    namespaces: names; default none.
    namespaceSelector: labels that a namespace must have, all of them; default none.
    namespaceRegexes: RE2 expressions from ^ to $, of which one must match the name; default none.
    """

    namespaces: Annotated[tuple[KubernetesName, ...], Field(min_length=1)] | None = None
    namespace_selector: Annotated[dict[LabelKey, LabelValue], Field(min_length=1)] | None = None
    namespace_regexes: Annotated[tuple[NamespacePattern, ...], Field(min_length=1)] | None = None

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

    conditions: who may use it; at least one, since a store without any is open to all (external-secrets #2240).
    name: its name in the cluster; default the environment's name.
    existing: whether the store of this name is there already and is used as it is; default false.
    """

    conditions: Annotated[tuple[ConditionConfig, ...], Field(min_length=1)]
    name: KubernetesName | None = None
    existing: bool = False


class OperatorConfig(ConfigModel):
    """The operator and its chart.

    namespace: where it runs; default external-secrets.
    serviceAccount: its own service account; default external-secrets.
    webhook: whether its validating webhook runs; default true.
    chart: the chart's name in the repository, its oci:// address, or a folder; default external-secrets.
    repository: https:// address of the chart's repository, null for oci:// and a folder; default the project's own.
    version: the chart's version, null for a folder; default 0.20.4.
    timeoutSeconds: how long its pods may take to be ready; seconds, 30 to 3600; default 300.
    """

    namespace: KubernetesName = "external-secrets"
    service_account: KubernetesName = "external-secrets"
    webhook: bool = True
    chart: str = "external-secrets"
    repository: HttpsUrl | None = "https://charts.external-secrets.io"
    version: str | None = "0.20.4"
    timeout_seconds: Annotated[int, Field(ge=30, le=3600)] = 300

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        if self.repository is not None and is_oci(self.chart):
            raise fault("has no meaning beside an oci:// address", "set it to null", "repository")
        if (self.repository is not None or is_oci(self.chart)) and not self.version:
            raise fault("is not set, so the newest chart would be installed", "write the chart's version", "version")
        return self


class FirstSyncConfig(ConfigModel):
    """The canary.

    namespace: where its objects live; default secrets-bootstrap.
    secret: the name of its container; default canary.
    refreshInterval: how often it is read again; a number and s, m or h; default 1h.
    timeoutSeconds: how long each step of the first sync may take; seconds, 10 to 3600; default 300.
    """

    namespace: KubernetesName = "secrets-bootstrap"
    secret: SecretName = "canary"  # noqa: S105 - a container's name
    refresh_interval: Duration = "1h"
    timeout_seconds: Annotated[int, Field(ge=10, le=3600)] = 300


class RepositoryConfig(ConfigModel):
    """A Git repository that Argo CD reads by SSH with a deploy key made here.

    name: what it is called in Argo CD; the key's container is `argocd/<name>`.
    url: its address, git@HOST:PATH or ssh://git@HOST/PATH.
    """

    name: KubernetesName
    url: GitSshUrl


class ArgoCdConfig(ConfigModel):
    """Argo CD's secrets.

    repository: the repository that it reads first.
    namespace: Argo CD's namespace; default argocd.
    createNamespace: whether it is created here; false if Argo CD is installed already; default true.
    """

    repository: RepositoryConfig
    namespace: KubernetesName = "argocd"
    create_namespace: bool = True


class SelfManagedClusterConfig(ConfigModel):
    """A control plane that you run yourself, encrypted by a KMS plugin.

    kind: selfManaged.
    kmsPluginImage: the image of aws-encryption-provider that you built (none is published), with a tag or digest.
    name: the cluster's name; default `<prefix>-<environment>`.
    encryptionProviderName: written into every encrypted value, so it cannot change once used; default aws-kms-1.
    """

    kind: Literal["selfManaged"]
    kms_plugin_image: Image
    name: KubernetesName | None = None
    encryption_provider_name: KubernetesName = "aws-kms-1"


class EksClusterConfig(ConfigModel):
    """An EKS cluster, created with the key wired in, in subnets that are there.

    kind: eks.
    subnetIds: two or more subnets in different zones.
    name: the cluster's name; default `<prefix>-<environment>`.
    version: the version of Kubernetes, such as "1.34"; default EKS's own.
    instanceTypes: what the nodes may be; default m7g.large.
    amiType: the nodes' image, for the same architecture; default AL2023_ARM_64_STANDARD.
    nodes: how many; 1 to 450; default 2.
    publicAccessCidrs: networks, of a /8 at most, that reach the API from outside; default none, so no public address.
    """

    kind: Literal["eks"]
    subnet_ids: Annotated[tuple[SubnetId, ...], Field(min_length=2), Distinct]
    name: KubernetesName | None = None
    version: KubernetesVersion | None = None
    instance_types: Annotated[tuple[str, ...], Field(min_length=1)] = ("m7g.large",)
    ami_type: str = "AL2023_ARM_64_STANDARD"
    nodes: Annotated[int, Field(ge=1, le=450)] = 2
    public_access_cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)] | None = None
