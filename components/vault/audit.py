"""Vault's audit log. It is the whole server's, so it belongs to no environment."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_vault as vault

from ..arguments import Arguments
from ..deletion import DeletionProfile
from ..forms import FILE_PATH
from .forms import MOUNT


@dataclass(frozen=True, kw_only=True)
class VaultAuditArgs(Arguments):
    """Arguments of VaultAudit.

    file_path: the log on Vault's machine, an absolute path; Vault must be allowed to write in its folder.
    device: the path of the audit device in Vault; default file.
    deletion_profile: what a destroy does; DURABLE protects the device; default DURABLE.
    """

    file_path: str
    device: str = "file"
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE

    def __post_init__(self) -> None:
        self.require_form("file_path", self.file_path, FILE_PATH)
        self.require_form("device", self.device, MOUNT)


class VaultAudit(pulumi.ComponentResource):
    """An audit device: every request and every answer, with who asked, one JSON object a line.

    Create one for each Vault, before anything is read. It logs no values: Vault writes their HMACs. While no device
    can be written, Vault answers nothing; so let the machine rotate and ship the file, and watch its disk.

    Creates:
    - the audit device, whose file only its owner can read.

    Outputs:
    - `gates`: the audit device.

    Raises ConfigError for a path that is not absolute, or a device's path of the wrong form.
    Source: Vault, "Audit devices" and "File audit device".
    """

    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultAuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultAudit", name, None, opts)
        device = vault.Audit(
            f"{name}-device",
            type="file",
            path=args.device,
            description="Every request and who made it",
            options={"file_path": args.file_path, "mode": "0600"},
            opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_profile.protect),
        )
        self.gates = [device]
        self.register_outputs({"device": args.device})
