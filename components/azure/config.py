"""The configuration of an environment on Azure. In YAML, fields are written in camelCase."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..config.environment import Belonging, EnvironmentConfig, IdentityConfig
from ..config.models import ClusterConfig, ConfigModel
from ..config.rules import Cidr, KubernetesVersion, formed
from ..config.teams import teams_without_containers
from ..contracts import IdentityKind, Names
from ..faults import Distinct, fault
from ..forms import SECRET_NAME
from . import forms
from .forms import VAULT_SECRET_NAME, PrincipalType, ResourceId
from .names import MOST_CREDENTIALS, AzureNames

SubscriptionId = Annotated[str, formed(forms.SUBSCRIPTION_ID)]
TenantId = Annotated[str, formed(forms.TENANT_ID)]
ObjectId = Annotated[str, formed(forms.OBJECT_ID)]
ClientId = Annotated[str, formed(forms.CLIENT_ID)]
Location = Annotated[str, formed(forms.LOCATION)]
ResourceGroup = Annotated[str, formed(forms.RESOURCE_GROUP)]
VaultName = Annotated[str, formed(forms.VAULT_NAME)]
VaultId = Annotated[str, formed(forms.VAULT_ID)]
KeyId = Annotated[str, formed(forms.KEY_ID)]
KeyVersionId = Annotated[str, formed(forms.KEY_VERSION_ID)]
IdentityId = Annotated[str, formed(forms.IDENTITY_ID)]
WorkspaceId = Annotated[str, formed(forms.WORKSPACE_ID)]
SubnetId = Annotated[str, formed(forms.SUBNET_ID)]
AzureSecretName = Annotated[str, formed(SECRET_NAME, VAULT_SECRET_NAME)]


class AzureExistingIdentityConfig(ConfigModel, frozen=True):
    """A user-assigned identity to adopt.

    id: its resource id.
    clientId: its client id.
    principalId: the object id of its service principal.
    """

    id: IdentityId
    client_id: ClientId
    principal_id: ObjectId


class AzureIdentityConfig(IdentityConfig, frozen=True):
    """How the operator gets into Azure.

    kind: azureWorkloadIdentity.
    serviceAccountRef: another service account than the operator's own; default none.
    existing: a user-assigned identity to adopt; default none.
    """

    kind: Literal[IdentityKind.AZURE_WORKLOAD_IDENTITY]
    existing: AzureExistingIdentityConfig | None = None


class AzureExistingKeys(ConfigModel, frozen=True):
    """Keys to adopt instead of creating them. Their rotation stays as it is.

    secrets: resource id of the key for SOPS and applications; default none.
    etcd: resource id of the version of a key that encrypts the cluster's Secrets; default none.
    tenants: resource id of the key of the tenants' own keys; default none.
    """

    secrets: KeyId | None = None
    etcd: KeyVersionId | None = None
    tenants: KeyId | None = None

    def by_role(self) -> dict[str, str]:
        return {role: key_id for role, key_id in self if key_id is not None}


class AzureKeysConfig(ConfigModel, frozen=True):
    """The environment's keys.

    vault: the name of the Key Vault for them.
    rotationDays: days between new versions of the keys for secrets and tenants; 7 to 2560; default 365.
    existing: keys to adopt; default none.
    """

    vault: VaultName
    rotation_days: Annotated[int, Field(ge=7, le=2560)] = 365
    existing: AzureExistingKeys = AzureExistingKeys()


class AzureSecretsVaultConfig(ConfigModel, frozen=True):
    """The environment's Key Vault for secrets. Exactly one of name and existingId is given.

    name: the name of the vault to create; default none.
    existingId: resource id of a vault to adopt, whose access is by roles; default none.
    subnetIds: resource ids of subnets, besides the nodes', that reach it; default none.
    cidrs: public networks, of a /8 at most, that reach it; default none.
    """

    name: VaultName | None = None
    existing_id: VaultId | None = None
    subnet_ids: Annotated[tuple[SubnetId, ...], Distinct] = ()
    cidrs: Annotated[tuple[Cidr, ...], Distinct] = ()

    @property
    def vault(self) -> str:
        """The vault's name, whether it is created or adopted."""
        return self.name or ResourceId.of(self.existing_id or "").path[-1]

    @model_validator(mode="after")
    def _one_vault(self) -> Self:
        if (self.name is None) == (self.existing_id is None):
            raise fault("must have exactly one of name and existingId", "keep one of them")
        if self.existing_id is not None and (self.subnet_ids or self.cidrs):
            raise fault(
                "is adopted, and its networks stay as they are",
                "remove subnetIds and cidrs, or existingId",
                "existingId",
            )
        return self


class AzureSecretConfig(ConfigModel, frozen=True):
    """One name that is kept for a secret. Key Vault has no empty secrets: a value makes it.

    readers: who may read it besides the operator, by object id, each with its type; default none.
    """

    readers: dict[ObjectId, PrincipalType] = Field(default_factory=dict[str, PrincipalType])


class AzureAuditConfig(ConfigModel, frozen=True):
    """The access log of the vaults.

    retentionDays: days that accesses are kept; 30 to 730; default 365.
    existingWorkspaceId: resource id of a Log Analytics workspace to adopt; default none.
    """

    retention_days: Annotated[int, Field(ge=30, le=730)] = 365
    existing_workspace_id: WorkspaceId | None = None


class AksClusterConfig(ClusterConfig, frozen=True):
    """An AKS cluster, created with the key wired in, in a subnet that is there.

    kind: aks.
    subnetId: resource id of the nodes' subnet, with the service endpoint Microsoft.KeyVault.
    name: the cluster's name; default `<prefix>-<environment>`.
    version: the version of Kubernetes, such as "1.34"; default AKS's own.
    vmSize: what the nodes are; default Standard_D4as_v5.
    nodes: how many; 1 to 1000; default 2.
    publicAccessCidrs: networks, of a /8 at most, that reach the API from outside; default none, so no public address.
    """

    kind: Literal["aks"]
    subnet_id: SubnetId
    version: KubernetesVersion | None = None
    vm_size: str = "Standard_D4as_v5"
    nodes: Annotated[int, Field(ge=1, le=1000)] = 2
    public_access_cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)] | None = None


class AzureEnvironmentConfig(EnvironmentConfig, frozen=True):
    """One environment in one resource group: keys, secrets, a cluster, and how the cluster gets at the secrets.

    backend: azure.
    subscriptionId: the subscription.
    tenantId: the Microsoft Entra tenant.
    location: where everything lies, such as westeurope.
    resourceGroup: the environment's resource group, which exists.
    cluster: the cluster, of kind aks.
    identity: how the operator gets into Azure.
    deployers: who runs this program, by object id, each with its type; at least one.
    store: the ClusterSecretStore and who may use it.
    keys: the vault for keys, their lifetimes, and keys to adopt.
    secretsVault: the vault for secrets.
    administrators: who manages the keys, by object id, each with its type; default none.
    writers: who puts values into the secrets, by object id, each with its type; default none.
    namespaces: your namespaces, created here; the operator writes Secrets in them; default none.
    teams: teams with stores of their own, by name; default none.
    sharedPrefixes: how the names of the containers begin that all teams may read; each ends in `/`; default none.
    secrets: names of secrets; default none.
    deletionProfile: durable or ephemeral; default durable.
    audit: the access log of the vaults.
    operator: the operator and its chart.
    firstSync: the canary.
    argocd: Argo CD's first repository; default none.
    sealedSecrets: Sealed Secrets beside the manager; default none.
    """

    secret_name_forms = (SECRET_NAME, VAULT_SECRET_NAME)

    backend: Literal["azure"]
    subscription_id: SubscriptionId
    tenant_id: TenantId
    location: Location
    resource_group: ResourceGroup
    cluster: AksClusterConfig
    identity: AzureIdentityConfig
    deployers: Annotated[dict[ObjectId, PrincipalType], Field(min_length=1)]
    keys: AzureKeysConfig
    secrets_vault: AzureSecretsVaultConfig
    administrators: dict[ObjectId, PrincipalType] = Field(default_factory=dict[str, PrincipalType])
    writers: dict[ObjectId, PrincipalType] = Field(default_factory=dict[str, PrincipalType])
    secrets: dict[AzureSecretName, AzureSecretConfig] = Field(default_factory=dict[str, AzureSecretConfig])
    audit: AzureAuditConfig = AzureAuditConfig()

    def names(self, prefix: str, environment: str) -> AzureNames:
        return AzureNames(
            prefix=prefix,
            environment=environment,
            subscription_id=self.subscription_id,
            tenant_id=self.tenant_id,
            location=self.location,
            resource_group=self.resource_group,
            keys_vault=self.keys.vault,
            secrets_vault=self.secrets_vault.vault,
        )

    def secret_names(self) -> frozenset[str]:
        return frozenset(self.secrets)

    def place(self) -> tuple[str, ...]:
        return self.subscription_id, self.resource_group

    def belongings(self) -> Iterator[Belonging]:
        # The names of vaults are unique in all of Azure, also of those that are created.
        yield Belonging("vault", (self.keys.vault,), "keys.vault")
        yield Belonging("vault", (self.secrets_vault.vault,), "secretsVault")
        for role, key_id in self.keys.existing.by_role().items():
            yield Belonging("key", (key_id.partition("/versions/")[0],), f"keys.existing.{role}")
        if self.identity.existing:
            yield Belonging("identity", (self.identity.existing.id,), "identity.existing.id")

    def problems(self, names: Names) -> Iterator[tuple[str, str, str]]:  # noqa: ARG002
        for name, team in self.teams.items():
            if len(team.namespaces) > MOST_CREDENTIALS:
                yield (
                    f"teams.{name}.namespaces",
                    f"are more than {MOST_CREDENTIALS}, and an identity trusts no more",
                    "make two teams of it",
                )
        yield from teams_without_containers(self)

    @model_validator(mode="after")
    def _in_this_subscription(self) -> Self:
        for field, text in self._ids():
            if ResourceId.of(text).subscription_id != self.subscription_id:
                raise fault(
                    "lies in another subscription than the environment", "name one of this environment's", field
                )
        return self

    def _ids(self) -> Iterator[tuple[str, str]]:
        yield "cluster.subnetId", self.cluster.subnet_id
        for role, key_id in self.keys.existing.by_role().items():
            yield f"keys.existing.{role}", key_id
        if self.secrets_vault.existing_id is not None:
            yield "secretsVault.existingId", self.secrets_vault.existing_id
        if self.identity.existing is not None:
            yield "identity.existing.id", self.identity.existing.id
