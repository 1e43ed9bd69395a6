"""Inputs on Azure that work, for tests to use and to spoil."""

from collections.abc import Callable
from typing import Any

from components import (
    AzureAuditArgs,
    AzureClusterIdentityArgs,
    AzureDeployKeyArgs,
    AzureEnvironmentConfig,
    AzureEnvironmentKeysArgs,
    AzureFoundationArgs,
    AzureOperatorGrant,
    AzureSecretSpec,
    AzureSecretStoreArgs,
    AzureSopsKeyArgs,
    AzureTenantKeysArgs,
    AzureVaultNetwork,
    AzureWorkloadIdentityArgs,
    KeyRef,
    parse_config,
)
from components.azure.names import AzureNames
from tests.fast.components import samples

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
OTHER_SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
TENANT = "99999999-9999-9999-9999-999999999999"
DEPLOYER = "10000000-0000-0000-0000-000000000001"
ADMINISTRATOR = "10000000-0000-0000-0000-000000000002"
WRITER = "10000000-0000-0000-0000-000000000003"
READER = "10000000-0000-0000-0000-000000000004"
CLIENT = "10000000-0000-0000-0000-000000000005"

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/legacy/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/prod/subnets/nodes"
OTHER_SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/prod/subnets/pipelines"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/legacy"
KEY = f"{VAULT}/keys/one"
KEY_VERSION = f"{VAULT}/keys/two/versions/{'0' * 32}"
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/operator"
WORKSPACE = f"{GROUP}/Microsoft.OperationalInsights/workspaces/central"
EXISTING_IDENTITY = {"id": IDENTITY, "clientId": CLIENT, "principalId": READER}

NAMES = AzureNames(
    prefix="platform",
    environment="prod",
    subscription_id=SUBSCRIPTION,
    tenant_id=TENANT,
    location="westeurope",
    resource_group="platform-prod",
    keys_vault="platform-prod-keys",
    secrets_vault="platform-prod-secrets",
)
VAULT_ID = NAMES.vault_id(NAMES.secrets_vault)


def environment(name: str = "prod", **changes: Any) -> dict[str, Any]:
    """One environment on Azure as it stands in YAML."""
    return {
        "backend": "azure",
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
        "location": "westeurope",
        "resourceGroup": f"platform-{name}",
        "deployers": {DEPLOYER: "ServicePrincipal"},
        "administrators": {ADMINISTRATOR: "Group"},
        "writers": {WRITER: "Group"},
        "keys": {"vault": f"platform-{name}-keys"},
        "secretsVault": {"name": f"platform-{name}-secrets"},
        "cluster": {"kind": "aks", "subnetId": SUBNET},
        "identity": {"kind": "azureWorkloadIdentity"},
        "namespaces": ["apps"],
        "secrets": {"database/password": {}, "tenants/acme": {"readers": {READER: "User"}}},
        "store": {"conditions": [{"namespaces": ["apps"]}]},
        "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
        **changes,
    }


def parsed(**changes: Any) -> AzureEnvironmentConfig:
    """The same, parsed."""
    one = parse_config(samples.configuration(prod=environment(**changes))).environments["prod"]
    assert isinstance(one, AzureEnvironmentConfig)
    return one


def sops_values(**changes: Any) -> dict[str, Any]:
    """The arguments of the key of SOPS files."""
    return {"names": NAMES, "editors": {WRITER: "Group"}, "appliers": {READER: "ServicePrincipal"}, **changes}


def tenant_values(**changes: Any) -> dict[str, Any]:
    """The arguments of the tenants' keys: for each of two tenants somebody else works."""
    return {
        "names": NAMES,
        "tenants": {"acme": {READER: "ServicePrincipal"}, "globex": {WRITER: "Group"}},
        **changes,
    }


ARGUMENTS: dict[str, Callable[[], Any]] = {
    "AzureEnvironmentKeys": lambda: AzureEnvironmentKeysArgs(names=NAMES, administrators={ADMINISTRATOR: "Group"}),
    "AzureSecretStore": lambda: AzureSecretStoreArgs(
        names=NAMES,
        network=AzureVaultNetwork(subnet_ids=[SUBNET]),
        secrets={"database": AzureSecretSpec()},
        writers={WRITER: "Group"},
    ),
    "AzureAudit": lambda: AzureAuditArgs(names=NAMES, vaults={"secrets": VAULT_ID}),
    "AzureDeployKey": lambda: AzureDeployKeyArgs(secret_id=f"{VAULT_ID}/secrets/argocd--platform"),
    "AzureClusterIdentity": lambda: AzureClusterIdentityArgs(
        names=NAMES, etcd_key=KeyRef(id="https://v.vault.azure.net/keys/etcd/1"), etcd_key_id=KEY, subnet_id=SUBNET
    ),
    "AzureWorkloadIdentity": lambda: AzureWorkloadIdentityArgs(
        names=NAMES,
        cluster=samples.cluster(),
        service_account=samples.ACCOUNT_OF_OPERATOR,
        grant=AzureOperatorGrant(vault_id=VAULT_ID),
    ),
    "AzureSopsKey": lambda: AzureSopsKeyArgs(**sops_values()),
    "AzureTenantKeys": lambda: AzureTenantKeysArgs(**tenant_values()),
    "AzureFoundation": lambda: AzureFoundationArgs(names=NAMES, environment=parsed()),
}
"""Arguments that work, by component."""
