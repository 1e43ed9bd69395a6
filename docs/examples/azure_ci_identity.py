"""An identity that one GitHub environment takes to push images to a container registry."""

import pulumi

from components import AzureCiIdentity, AzureCiIdentityArgs, AzureNames, github_ci

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
group = f"/subscriptions/{names.subscription_id}/resourceGroups/{names.resource_group}"

ci = AzureCiIdentity(
    "ci",
    AzureCiIdentityArgs(
        names=names,
        purpose="images",
        subject=github_ci("acme", "shop", owner_id="123456", repository_id="456789", environment="prod"),
        push=[f"{group}/providers/Microsoft.ContainerRegistry/registries/acmeshop"],
    ),
)
pulumi.export("ciClientId", ci.client_id)
