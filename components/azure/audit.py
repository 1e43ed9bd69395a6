"""Who read what: every access to the vaults, kept in a Log Analytics workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import monitor, operationalinsights

from ..arguments import Arguments
from ..deletion import DeletionProfile
from .forms import VAULT_ID, WORKSPACE_ID
from .names import AUDIT_WORKSPACE, AzureNames


@dataclass(frozen=True, kw_only=True)
class AzureAuditArgs(Arguments):
    """Arguments of AzureAudit.

    names: the environment's names.
    vaults: the resource ids of the vaults by what they keep, such as `keys` and `secrets`; at least one.
    retention_days: how long accesses are kept; days, 30 to 730; default 365.
    deletion_profile: what a destroy does; DURABLE protects the workspace; default DURABLE.
    existing_workspace_id: the resource id of a workspace to adopt; its retention stays as it is; default none.
    after: what must be there before, such as the vaults; default none.
    """

    names: AzureNames
    vaults: Mapping[str, str]
    retention_days: int = 365
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    existing_workspace_id: str | None = None
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require(bool(self.vaults), "vaults", "is empty", "name the vaults to watch")
        for what, vault_id in self.vaults.items():
            self.require_form(f"vaults.{what}", vault_id, VAULT_ID)
        self.require(30 <= self.retention_days <= 730, "retention_days", "is not from 30 to 730 days", "365 is usual")
        if self.existing_workspace_id is not None:
            self.require_form("existing_workspace_id", self.existing_workspace_id, WORKSPACE_ID)


class AzureAudit(pulumi.ComponentResource):
    """The access log of the environment's vaults.

    Creates:
    - the Log Analytics workspace `<prefix>-<environment>-audit`, unless one is adopted; it takes no shared keys;
    - for each vault a diagnostic setting that sends the category AuditEvent to the workspace's table AZKVAuditLogs.

    Outputs:
    - `workspace_id`: the workspace's resource id.
    - `gates`: everything that was created.

    Raises ConfigError without vaults, and for days or ids that cannot work.
    Sources: Azure Monitor, "Supported logs for Microsoft.KeyVault/vaults" and table AZKVAuditLogs; "Manage data
    retention in a Log Analytics workspace" (30 to 730 days).
    """

    workspace_id: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureAuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureAudit", name, None, opts)
        names, made = args.names, list[pulumi.Resource]()
        if args.existing_workspace_id is not None:
            self.workspace_id = pulumi.Output.from_input(args.existing_workspace_id)
        else:
            workspace = operationalinsights.Workspace(
                f"{name}-workspace",
                workspace_name=names.name(AUDIT_WORKSPACE),
                resource_group_name=names.resource_group,
                location=names.location,
                sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
                retention_in_days=args.retention_days,
                features=operationalinsights.WorkspaceFeaturesArgs(disable_local_auth=True),
                tags=names.tags(),
                opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_profile.protect),
            )
            made, self.workspace_id = [workspace], workspace.id
        settings = [
            monitor.DiagnosticSetting(
                f"{name}-{what}",
                name=f"{names.prefix}-{names.environment}",
                resource_uri=vault_id,
                workspace_id=self.workspace_id,
                log_analytics_destination_type="Dedicated",
                logs=[monitor.DiagnosticsLogSettingsArgs(category="AuditEvent", enabled=True)],
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
            )
            for what, vault_id in args.vaults.items()
        ]
        self.gates = [*made, *settings]
        self.register_outputs({"workspaceId": self.workspace_id})
