"""The configuration of an environment on AWS. In YAML, fields are written in camelCase."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from ..config.environment import Belonging, EnvironmentConfig, IdentityConfig
from ..config.models import ClusterConfig, ConfigModel
from ..config.rules import Cidr, Image, KubernetesName, KubernetesVersion, formed
from ..contracts import IdentityKind, Names
from ..faults import Distinct, fault
from ..forms import SECRET_NAME
from . import forms
from .forms import SECRET_NAME_END, Arn
from .names import AwsNames
from .team_policies import role_problems

Region = Annotated[str, formed(forms.REGION)]
AccountId = Annotated[str, formed(forms.ACCOUNT_ID)]
AwsSecretName = Annotated[str, formed(SECRET_NAME, SECRET_NAME_END)]
KeyArn = Annotated[str, formed(forms.KEY_ARN)]
SecretArn = Annotated[str, formed(forms.SECRET_ARN)]
PrincipalArn = Annotated[str, formed(forms.PRINCIPAL_ARN)]
RoleArn = Annotated[str, formed(forms.ROLE_ARN)]
OidcProviderArn = Annotated[str, formed(forms.OIDC_PROVIDER_ARN)]
TrailArn = Annotated[str, formed(forms.TRAIL_ARN)]
SubnetId = Annotated[str, formed(forms.SUBNET_ID)]


class AwsIdentityConfig(IdentityConfig, frozen=True):
    """How the operator gets into AWS.

    kind: `irsa` or `podIdentity`.
    serviceAccountRef: another service account than the operator's own (IRSA only); default none.
    oidcProviderArn: the ARN of an issuer that IAM knows already, to adopt it (IRSA only); default none.
    """

    kind: Literal[IdentityKind.IRSA, IdentityKind.POD_IDENTITY]
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


class AwsExistingKeys(ConfigModel, frozen=True):
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


class AwsKeysConfig(ConfigModel, frozen=True):
    """The environment's keys.

    rotationDays: days between rotations of the key material; 90 to 2560; default 365.
    deletionWindowDays: days from a key's deletion until it is final; 7 to 30; default the deletion profile's.
    existing: keys to adopt; default none.
    """

    rotation_days: Annotated[int, Field(ge=90, le=2560)] = 365
    deletion_window_days: Annotated[int, Field(ge=7, le=30)] | None = None
    existing: AwsExistingKeys = AwsExistingKeys()


class AwsSecretConfig(ConfigModel, frozen=True):
    """One container in Secrets Manager, created empty.

    description: what it is for; up to 2048 characters; default none.
    readers: ARNs of those who may read it besides the operator, of this account; default none.
    existingArn: the ARN of a container to adopt, under the environment's own prefix; default none.
    """

    description: Annotated[str, Field(max_length=2048)] | None = None
    readers: Annotated[tuple[PrincipalArn, ...], Distinct] = ()
    existing_arn: SecretArn | None = None

    @model_validator(mode="after")
    def _readers_of_its_own(self) -> Self:
        if self.readers and self.existing_arn is not None:
            raise fault(
                "have no effect on a container that is adopted: its policy stays as it is",
                "remove readers or existingArn",
                "readers",
            )
        return self


class AwsAuditConfig(ConfigModel, frozen=True):
    """The account's access log. Environments of one account say the same.

    existingTrailArn: the ARN of a trail that records the account already, such as the organization's; it stays as it
        is; default none: one is created.
    retentionDays: how long the log files of a new one are kept; days, 90 to 3650; default 365.
    """

    existing_trail_arn: TrailArn | None = None
    retention_days: Annotated[int, Field(ge=90, le=3650)] = 365


class SelfManagedClusterConfig(ClusterConfig, frozen=True):
    """A control plane that you run yourself, encrypted by a KMS plugin.

    kind: selfManaged.
    kmsPluginImage: the image of aws-encryption-provider that you built (none is published), with a tag or digest.
    name: the cluster's name; default `<prefix>-<environment>`.
    encryptionProviderName: written into every encrypted value, so it cannot change once used; default aws-kms-1.
    """

    kind: Literal["selfManaged"]
    kms_plugin_image: Image
    encryption_provider_name: KubernetesName = "aws-kms-1"


class EksClusterConfig(ClusterConfig, frozen=True):
    """An EKS cluster: created with the key wired in, in subnets that are there, or adopted.

    kind: eks.
    name: the cluster's name; default `<prefix>-<environment>`.
    existing: whether the cluster of this name is there already and is used as it is; default false.
    encryption: what must encrypt the Secrets of an existing cluster: environmentKey (the environment's key for etcd) or
        any (whatever it has); default environmentKey.
    subnetIds: two or more subnets in different zones; default none, which only an existing cluster may have.
    version: the version of Kubernetes, such as "1.34"; default EKS's own.
    instanceTypes: what the nodes may be; default m7g.large.
    amiType: the nodes' image, for the same architecture; default AL2023_ARM_64_STANDARD.
    nodes: how many; 1 to 450; default 2.
    publicAccessCidrs: networks, of a /8 at most, that reach the API from outside; default none, so no public address.
    """

    kind: Literal["eks"]
    existing: bool = False
    encryption: Literal["environmentKey", "any"] = "environmentKey"
    subnet_ids: Annotated[tuple[SubnetId, ...], Field(min_length=2), Distinct] = ()
    version: KubernetesVersion | None = None
    instance_types: Annotated[tuple[str, ...], Field(min_length=1)] = ("m7g.large",)
    ami_type: str = "AL2023_ARM_64_STANDARD"
    nodes: Annotated[int, Field(ge=1, le=450)] = 2
    public_access_cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _created_or_adopted(self) -> Self:
        if not self.existing and not self.subnet_ids:
            raise fault("is missing", "name the cluster's subnets, or set existing to true", "subnetIds")
        if not self.existing and "encryption" in self.model_fields_set:
            raise fault(
                "has no meaning for a cluster that is created: the environment's key encrypts it",
                "remove it, or set existing to true",
                "encryption",
            )
        for field in sorted(self.model_fields_set - {"kind", "name", "existing", "encryption"}):
            if self.existing:
                raise fault(
                    "has no meaning for a cluster that is there already: it stays as it is",
                    "remove it, or set existing to false",
                    to_camel(field),
                )
        return self


class AwsEnvironmentConfig(EnvironmentConfig, frozen=True):
    """One environment in one account and region: keys, secrets, a cluster, and how the cluster gets at the secrets.

    backend: aws; may be left out.
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
    teams: teams with stores of their own, by name; default none.
    sharedPrefixes: how the names of the containers begin that all teams may read; each ends in `/`; default none.
    secrets: containers by name; default none.
    deletionProfile: durable or ephemeral; default durable.
    secretRecoveryDays: days that a deleted container can be restored; 0 or 7 to 30; default the profile's.
    keys: key lifetimes, and keys to adopt; default new ones.
    tenantKeys: whether the key `tenants` also wraps the tenants' own keys, of AwsTenantKeys; default false.
    audit: the account's access log.
    operator: the operator and its chart.
    firstSync: the canary.
    argocd: Argo CD's first repository; default none.
    sealedSecrets: Sealed Secrets beside the manager; default none.
    """

    secret_name_forms = (SECRET_NAME, SECRET_NAME_END)

    backend: Literal["aws"] = "aws"
    region: Region
    account_id: AccountId
    cluster: Annotated[SelfManagedClusterConfig | EksClusterConfig, Field(discriminator="kind")]
    identity: AwsIdentityConfig
    administrators: Annotated[tuple[PrincipalArn, ...], Field(min_length=1), Distinct]
    deployers: Annotated[tuple[PrincipalArn, ...], Field(min_length=1), Distinct]
    writers: Annotated[tuple[PrincipalArn, ...], Distinct] = ()
    deployer_role_arn: RoleArn | None = None
    secrets: dict[AwsSecretName, AwsSecretConfig] = Field(default_factory=dict[str, AwsSecretConfig])
    secret_recovery_days: Annotated[int, Field(ge=0, le=30)] | None = None
    keys: AwsKeysConfig = AwsKeysConfig()
    tenant_keys: bool = False
    audit: AwsAuditConfig = AwsAuditConfig()

    def names(self, prefix: str, environment: str) -> AwsNames:
        return AwsNames(prefix=prefix, environment=environment, account_id=self.account_id, region=self.region)

    def secret_names(self) -> frozenset[str]:
        return frozenset(self.secrets)

    def place(self) -> tuple[str, ...]:
        return self.account_id, self.region

    def belongings(self) -> Iterator[Belonging]:
        for role, arn in self.keys.existing.by_role().items():
            yield Belonging("key", (arn,), f"keys.existing.{role}")
        for secret, chosen in self.secrets.items():
            if chosen.existing_arn:
                yield Belonging("secret", (chosen.existing_arn,), f"secrets.{secret}.existingArn")
        if self.identity.oidc_provider_arn:
            yield Belonging("OIDC provider", (self.identity.oidc_provider_arn,), "identity.oidcProviderArn")

    def problems(self, names: Names) -> Iterator[tuple[str, str, str]]:
        assert isinstance(names, AwsNames)
        for secret, chosen in self.secrets.items():
            if chosen.existing_arn is not None and not names.holds_secret(chosen.existing_arn):
                yield (
                    f"secrets.{secret}.existingArn",
                    f"lies outside {names.secret_prefix}, and the operator may read nothing else",
                    "adopt a container of this environment, or copy its value into a new one",
                )
        for scope in self.scopes:
            for field, reason, mend in role_problems(names, scope):
                team = scope.name.removeprefix("team-")
                yield (f"teams.{team}.namespaces" if field == "namespaces" else f"teams.{team}"), reason, mend

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
            for index, arn in enumerate(secret.readers):
                yield f"secrets.{name}.readers.{index}", arn
            if secret.existing_arn is not None:
                yield f"secrets.{name}.existingArn", secret.existing_arn
        if self.identity.oidc_provider_arn is not None:
            yield "identity.oidcProviderArn", self.identity.oidc_provider_arn
