"""The canary's name and two more, in a vault that the nodes and one office reach. A pipeline may read one of them."""

import pulumi

from components import (
    AzureNames,
    AzureSecretSpec,
    AzureSecretStore,
    AzureSecretStoreArgs,
    AzureVaultNetwork,
    DeletionProfile,
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

secrets = AzureSecretStore(
    "secrets",
    AzureSecretStoreArgs(
        names=names,
        network=AzureVaultNetwork(
            subnet_ids=[f"{networks}/virtualNetworks/prod/subnets/nodes"], cidrs=["203.0.113.0/24"]
        ),
        secrets={
            "database": AzureSecretSpec(readers={"10000000-0000-0000-0000-000000000004": "ServicePrincipal"}),
            "tenants/acme": AzureSecretSpec(),
        },
        writers={"10000000-0000-0000-0000-000000000003": "Group"},
        deletion_profile=DeletionProfile.EPHEMERAL,
    ),
)
pulumi.export("databaseId", secrets.secret_ids["database"])
