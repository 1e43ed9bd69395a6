"""Names and resource ids of one environment. Every one is computed before it exists, so that grants can name it."""

from dataclasses import dataclass

from ..arguments import Arguments
from ..forms import ENVIRONMENT_NAME, PREFIX
from .forms import LOCATION, RESOURCE_GROUP, SUBSCRIPTION_ID, TENANT_ID, VAULT_NAME

OPERATOR_IDENTITY = "external-secrets"
CLUSTER_IDENTITY = "aks"
AUDIT_WORKSPACE = "audit"
MOST_CREDENTIALS = 20
"""How many federated credentials an identity can have (Microsoft Entra Workload ID, "Important considerations and
restrictions for federated identity credentials")."""


@dataclass(frozen=True, kw_only=True)
class AzureNames(Arguments):
    """Every name and resource id of one environment in one resource group, all plain text. Public cloud only.

    prefix: put in front of names; lower case, up to 24 characters.
    environment: the environment's name; lower case, up to 20 characters.
    subscription_id: the subscription; a GUID.
    tenant_id: the Microsoft Entra tenant; a GUID.
    location: where everything lies, such as `westeurope`.
    resource_group: the environment's resource group, which exists.
    keys_vault: the name of the environment's Key Vault for keys; 3 to 24 characters, unique in all of Azure.
    secrets_vault: the name of the environment's Key Vault for secrets; the same.

    Raises ConfigError for what has not this form.
    """

    prefix: str
    environment: str
    subscription_id: str
    tenant_id: str
    location: str
    resource_group: str
    keys_vault: str
    secrets_vault: str

    def __post_init__(self) -> None:
        PREFIX.require("AzureNames.prefix", self.prefix)
        ENVIRONMENT_NAME.require("AzureNames.environment", self.environment)
        SUBSCRIPTION_ID.require("AzureNames.subscription_id", self.subscription_id)
        TENANT_ID.require("AzureNames.tenant_id", self.tenant_id)
        LOCATION.require("AzureNames.location", self.location)
        RESOURCE_GROUP.require("AzureNames.resource_group", self.resource_group)
        VAULT_NAME.require("AzureNames.keys_vault", self.keys_vault)
        VAULT_NAME.require("AzureNames.secrets_vault", self.secrets_vault)

    def secret_name(self, name: str) -> str:
        """Key Vault takes no `/`. The environment is not in the name: the vault is the environment's own."""
        return name.replace("/", "--")

    def name(self, what: str) -> str:
        """The name of a resource in the resource group."""
        return f"{self.prefix}-{self.environment}-{what}"

    def vault_id(self, vault: str) -> str:
        return self._id(f"Microsoft.KeyVault/vaults/{vault}")

    def identity_id(self, what: str) -> str:
        """The resource id of one of the environment's user-assigned identities."""
        return self._id(f"Microsoft.ManagedIdentity/userAssignedIdentities/{self.name(what)}")

    def cluster_id(self, cluster: str) -> str:
        return self._id(f"Microsoft.ContainerService/managedClusters/{cluster}")

    def _id(self, resource: str) -> str:
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/{resource}"

    def tags(self) -> dict[str, str]:
        """The tags of everything that belongs to the environment. Azure takes no `/` in a tag's name."""
        return {"secrets-bootstrap-environment": self.environment, "secrets-bootstrap-prefix": self.prefix}


def vault_url(vault: str) -> str:
    """Where a vault of the public cloud answers."""
    return f"https://{vault}.vault.azure.net"
