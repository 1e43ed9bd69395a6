"""Keys of an environment. etcd's key is one version of a key that was there before."""

import pulumi

from components import AzureEnvironmentKeys, AzureEnvironmentKeysArgs, AzureNames

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
old_vault = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/legacy/providers/Microsoft.KeyVault/vaults/old"
)

keys = AzureEnvironmentKeys(
    "keys",
    AzureEnvironmentKeysArgs(
        names=names,
        administrators={"10000000-0000-0000-0000-000000000002": "Group"},
        rotation_days=180,
        existing={"etcd": f"{old_vault}/keys/aks/versions/0123456789abcdef0123456789abcdef"},
    ),
)
pulumi.export("sopsKeyUrl", keys.secrets.id)
