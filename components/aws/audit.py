"""The account's access log: who read which secret, who used which key. One for an account, not for an environment."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..deletion import DeletionProfile
from ..forms import PREFIX
from .forms import ACCOUNT_ID, REGION, region_partition
from .statements import Document, to_json


@dataclass(frozen=True, kw_only=True)
class AwsAuditTrailArgs(Arguments):
    """Arguments of AwsAuditTrail.

    prefix: in front of the names of the trail and its bucket; lower case, up to 24 characters.
    account_id: the account; 12 digits.
    region: the trail's home region, such as `eu-west-1`; it records every region.
    retention_days: how long log files are kept; days, 90 to 3650; default 365.
    deletion_profile: what a destroy does; DURABLE protects the trail and its bucket; default DURABLE.
    """

    prefix: str
    account_id: str
    region: str
    retention_days: int = 365
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE

    def __post_init__(self) -> None:
        self.require_form("prefix", self.prefix, PREFIX)
        self.require_form("account_id", self.account_id, ACCOUNT_ID)
        self.require_form("region", self.region, REGION)
        self.require(90 <= self.retention_days <= 3650, "retention_days", "is not from 90 to 3650 days", "365 is usual")

    @property
    def trail_name(self) -> str:
        return f"{self.prefix}-audit"

    @property
    def bucket_name(self) -> str:
        """Unlike any other bucket's of AWS by the account's number; with these limits 58 characters of 63 at most."""
        return f"{self.prefix}-audit-{self.account_id}-{self.region}"

    @property
    def partition(self) -> str:
        partition = region_partition(self.region)
        assert partition is not None  # __post_init__ has refused every other region
        return partition.name

    @property
    def trail_arn(self) -> str:
        return f"arn:{self.partition}:cloudtrail:{self.region}:{self.account_id}:trail/{self.trail_name}"


class AwsAuditTrail(pulumi.ComponentResource):
    """A CloudTrail trail of all regions' management events, and the bucket that only this trail writes to.

    What Secrets Manager and KMS are asked are management events, reads too. None is left out, KMS's neither: a key that
    is used past Secrets Manager must be seen. CloudTrail takes nothing for the first copy of management events.

    Creates:
    - a bucket: versioned, no public access, TLS only, log files gone after the retention, old versions 30 days later;
    - the trail, with validation of its log files.

    Objects are encrypted with S3's own keys: they hold names and no values, and a key of one environment would hide the
    other environments' records behind it.

    Outputs:
    - `trail_arn`: the trail's ARN.
    - `bucket_name`: where the log files are, under `AWSLogs/<account>/CloudTrail/`.
    - `gates`: the trail.

    Raises ConfigError for names or a retention that cannot work.
    Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail" (`aws:SourceArn`) and "Logging management
    events"; Secrets Manager User Guide, "AWS CloudTrail entries for Secrets Manager"; KMS Developer Guide, "Logging AWS
    KMS API calls with AWS CloudTrail".
    """

    trail_arn: pulumi.Output[str]
    bucket_name: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsAuditTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsAuditTrail", name, None, opts)
        profile, tags = args.deletion_profile, {"secrets-bootstrap/prefix": args.prefix}
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=args.bucket_name,
            force_destroy=not profile.protect,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, protect=profile.protect),
        )
        guarded = self._guarded(name, args, bucket)
        trail = aws.cloudtrail.Trail(
            f"{name}-trail",
            name=args.trail_name,
            s3_bucket_name=bucket.bucket,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, protect=profile.protect, depends_on=guarded),
        )
        self.trail_arn, self.bucket_name, self.gates = trail.arn, args.bucket_name, [trail]
        self.register_outputs({"trailArn": trail.arn, "bucketName": args.bucket_name})

    def _guarded(self, name: str, args: AwsAuditTrailArgs, bucket: aws.s3.Bucket) -> list[pulumi.Resource]:
        """What protects the log files, before the first of them is written."""
        children = pulumi.ResourceOptions(parent=self)
        closed = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=children,
        )
        versions = aws.s3.BucketVersioning(
            f"{name}-versions", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=children
        )
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=children,
        )
        lifecycle = aws.s3.BucketLifecycleConfiguration(
            f"{name}-retention",
            bucket=bucket.bucket,
            rules=[
                {
                    "id": "retention",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": args.retention_days},
                    "noncurrent_version_expiration": {"noncurrent_days": 30},
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versions]),
        )
        policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=to_json(bucket_policy(args)),
            # S3 changes the one while the other is being changed only with a conflict.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )
        return [closed, versions, encryption, lifecycle, policy]


def bucket_policy(args: AwsAuditTrailArgs) -> Document:
    """This one trail may write log files of this account; nobody comes without TLS."""
    arn = f"arn:{args.partition}:s3:::{args.bucket_name}"
    trail = {"Service": "cloudtrail.amazonaws.com"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TrailChecksBucket",
                "Effect": "Allow",
                "Principal": trail,
                "Action": ["s3:GetBucketAcl"],
                "Resource": arn,
                "Condition": {"StringEquals": {"aws:SourceArn": args.trail_arn}},
            },
            {
                "Sid": "TrailWrites",
                "Effect": "Allow",
                "Principal": trail,
                "Action": ["s3:PutObject"],
                "Resource": f"{arn}/AWSLogs/{args.account_id}/*",
                "Condition": {
                    "StringEquals": {
                        "aws:SourceArn": args.trail_arn,
                        "s3:x-amz-acl": "bucket-owner-full-control",
                    }
                },
            },
            {
                "Sid": "OnlyByTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:*"],
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
