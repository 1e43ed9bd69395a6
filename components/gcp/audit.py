"""Who read which secret: the access logs of Secret Manager and Cloud KMS, switched on and kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..deletion import DeletionProfile
from .names import GcpNames

SERVICES = ("secretmanager.googleapis.com", "cloudkms.googleapis.com")
LOG_TYPES = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
_LOGS = " OR ".join(f'log_id("cloudaudit.googleapis.com/{log}")' for log in ("activity", "data_access"))
_SERVICES = " OR ".join(f'protoPayload.serviceName="{service}"' for service in SERVICES)
AUDIT_FILTER = f"({_LOGS}) AND ({_SERVICES})"
"""The entries that are kept: each call to either service."""


@dataclass(frozen=True, kw_only=True)
class GcpAuditLogsArgs(Arguments):
    """Arguments of GcpAuditLogs.

    names: the environment's names.
    retention_days: how long the entries are kept; days, 1 to 3650; default 400.
    deletion_profile: what a destroy does; DURABLE protects the kept entries; default DURABLE.
    """

    names: GcpNames
    retention_days: int = 400
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE

    def __post_init__(self) -> None:
        self.require(1 <= self.retention_days <= 3650, "retention_days", "is not from 1 to 3650 days", "400 is usual")


class GcpAuditLogs(pulumi.ComponentResource):
    """The access logs of one project. Google writes none of these entries unless it is told to.

    They belong to the project as a whole: create it once for each project.

    Creates:
    - for each of the two services the project's audit configuration (`IAMAuditConfig`): reads and writes of data, reads
      of settings, nobody exempted; it takes the place of the service's configuration that is there;
    - a log bucket `<prefix>-<environment>-audit`, with the names' suffix before `-audit`, in the environment's region;
    - a sink that routes every call to either service there.

    A read says who: `authenticationInfo.principalSubject` for a principal of its own, `principalEmail` for a service
    account, with the Kubernetes service account behind it in `serviceAccountDelegationInfo`.

    Outputs:
    - `bucket`: the log bucket's resource name.
    - `gates`: everything that was created.

    Raises ConfigError for a retention that cannot work.
    Sources: Cloud Audit Logs, "Enable Data Access audit logs"; Cloud Logging, "Configure log buckets" (1 to 3650 days;
    a deleted bucket keeps its name for 7) and "Route logs" (a bucket of the same project needs no grant).
    """

    bucket: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpAuditLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpAuditLogs", name, None, opts)
        names, children = args.names, pulumi.ResourceOptions(parent=self)
        self.bucket = f"projects/{names.project_id}/locations/{names.location}/buckets/{names.log_bucket}"
        switched_on = [
            gcp.projects.IAMAuditConfig(
                f"{name}-{service}",
                project=names.project_id,
                service=service,
                audit_log_configs=[
                    gcp.projects.IAMAuditConfigAuditLogConfigArgs(log_type=log_type) for log_type in LOG_TYPES
                ],
                opts=children,
            )
            for service in SERVICES
        ]
        kept = gcp.logging.ProjectBucketConfig(
            f"{name}-bucket",
            project=names.project_id,
            location=names.location,
            bucket_id=names.log_bucket,
            retention_days=args.retention_days,
            description=f"Access to secrets and keys of {names.prefix} {names.environment}",
            opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_profile.protect),
        )
        sink = gcp.logging.ProjectSink(
            f"{name}-sink",
            project=names.project_id,
            name=names.log_bucket,
            destination=f"logging.googleapis.com/{self.bucket}",
            filter=AUDIT_FILTER,
            unique_writer_identity=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[kept]),
        )
        self.gates = [*switched_on, kept, sink]
        self.register_outputs({"bucket": self.bucket})
