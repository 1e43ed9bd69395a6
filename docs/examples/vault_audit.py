"""One audit device for the whole Vault, in a stack that all environments' stacks come after."""

import pulumi
import pulumi_vault as vault

from components import VaultAudit, VaultAuditArgs

server = vault.Provider("vault", address="https://vault.example.com:8200", skip_child_token=True)

audit = VaultAudit(
    "audit",
    VaultAuditArgs(file_path="/var/log/vault/audit.log"),
    pulumi.ResourceOptions(providers=[server]),
)
