"""Every read of a secret in the project is logged and kept for two years."""

import pulumi

from components import GcpAuditLogs, GcpAuditLogsArgs, GcpNames

logs = GcpAuditLogs(
    "logs",
    GcpAuditLogsArgs(
        names=GcpNames(
            prefix="platform",
            environment="prod",
            project_id="example-prod",
            project_number="111122223333",
            location="europe-west1",
        ),
        retention_days=730,
    ),
)
pulumi.export("auditBucket", logs.bucket)
