"""Every access to a vault, kept for two years."""

import pulumi

from components import AzureAudit, AzureAuditArgs, AzureNames

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

audit = AzureAudit(
    "audit",
    AzureAuditArgs(names=names, vaults={"secrets": names.vault_id(names.secrets_vault)}, retention_days=730),
)
pulumi.export("auditWorkspaceId", audit.workspace_id)
