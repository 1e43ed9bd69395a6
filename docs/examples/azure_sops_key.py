"""The key of prod's SOPS files: the platform team writes them, and the pipeline of the cluster only opens them."""

import pulumi

from components import AzureNames, AzureSopsKey, AzureSopsKeyArgs

sops = AzureSopsKey(
    "sops",
    AzureSopsKeyArgs(
        names=AzureNames(
            prefix="platform",
            environment="prod",
            subscription_id="11111111-1111-1111-1111-111111111111",
            tenant_id="99999999-9999-9999-9999-999999999999",
            location="westeurope",
            resource_group="platform-prod",
            keys_vault="platform-prod-keys",
            secrets_vault="platform-prod-secrets",
        ),
        editors={"10000000-0000-0000-0000-000000000001": "Group"},
        appliers={"10000000-0000-0000-0000-000000000002": "ServicePrincipal"},
    ),
)
pulumi.export("sopsKeyUrl", sops.key.id)  # goes into sops-recipients.yaml
