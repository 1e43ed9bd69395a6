"""Two tenants, each with the identity that works for it, in the environment's vault of keys."""

import pulumi

from components import AzureNames, AzureTenantKeys, AzureTenantKeysArgs

tenants = AzureTenantKeys(
    "tenants",
    AzureTenantKeysArgs(
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
        tenants={
            "acme": {"10000000-0000-0000-0000-000000000001": "ServicePrincipal"},
            "globex": {"10000000-0000-0000-0000-000000000002": "ServicePrincipal"},
        },
    ),
)
pulumi.export("tenantVaultUrl", tenants.vault_url)
