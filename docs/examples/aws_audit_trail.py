"""The access log of one account."""

import pulumi
import pulumi_aws as aws

from components import AwsAuditTrail, AwsAuditTrailArgs

account = aws.Provider("aws", region=aws.Region("eu-west-1"), allowed_account_ids=["111122223333"])

audit = AwsAuditTrail(
    "audit",
    AwsAuditTrailArgs(prefix="platform", account_id="111122223333", region="eu-west-1", retention_days=730),
    pulumi.ResourceOptions(providers=[account]),
)
pulumi.export("auditTrailArn", audit.trail_arn)
