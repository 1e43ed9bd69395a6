"""A deploy key in a vault that is there. Export its public half and register it at the Git host."""

import pulumi

from components import AzureDeployKey, AzureDeployKeyArgs

container = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/platform-prod"
    "/providers/Microsoft.KeyVault/vaults/platform-prod-secrets/secrets/argocd--platform"
)

deploy_key = AzureDeployKey("deploy-key", AzureDeployKeyArgs(secret_id=container))
pulumi.export("deployPublicKey", deploy_key.public_key)
