"""An AKS cluster of your own, created with the environment's key wired in."""

import pulumi
from pulumi_azure_native import containerservice

from components import (
    AzureClusterIdentity,
    AzureClusterIdentityArgs,
    AzureEnvironmentKeys,
    AzureEnvironmentKeysArgs,
    AzureNames,
    aks_kms_profile,
)

names = AzureNames(
    prefix="platform",
    environment="prod",
    subscription_id="11111111-1111-1111-1111-111111111111",
    tenant_id="99999999-9999-9999-9999-999999999999",
    location="westeurope",
    resource_group="platform-prod",
    keys_vault="platform-prod-keys",
    secrets_vault="platform-prod-secrets",
)
networks = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/network/providers/Microsoft.Network"
subnet_id = f"{networks}/virtualNetworks/prod/subnets/nodes"

keys = AzureEnvironmentKeys("keys", AzureEnvironmentKeysArgs(names=names))
identity = AzureClusterIdentity(
    "identity",
    AzureClusterIdentityArgs(
        names=names, etcd_key=keys.etcd, etcd_key_id=keys.etcd_id, subnet_id=subnet_id, after=keys.gates
    ),
)
encryption = identity.encryption
assert encryption.identity_id is not None

cluster = containerservice.ManagedCluster(
    "cluster",
    resource_name_="prod",
    resource_group_name=names.resource_group,
    dns_prefix="platform-prod",
    identity={"type": "UserAssigned", "user_assigned_identities": [encryption.identity_id]},
    security_profile={
        "azure_key_vault_kms": aks_kms_profile(encryption),
        "workload_identity": {"enabled": True},
    },
    oidc_issuer_profile={"enabled": True},
    agent_pool_profiles=[
        {"name": "nodes", "mode": "System", "count": 2, "vm_size": "Standard_D4as_v5", "vnet_subnet_id": subnet_id}
    ],
    opts=pulumi.ResourceOptions(depends_on=encryption.gates),
)
pulumi.export("clusterId", cluster.id)
