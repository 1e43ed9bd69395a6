"""CloudTrail and its bucket: checked, compared and previewed, so that the eks stack can be read offline."""

from bootstrap.providers.aws.preview_only import PreviewOnly
from bootstrap.providers.aws.resource import TAGS
from bootstrap.providers.fields import Field
from bootstrap.providers.resource import Resource

_BUCKET = Field(kind=str, required=True, replaces=True)
_FLAG = Field(kind=bool)

AUDIT: dict[str, Resource] = {
    token: PreviewOnly(token, fields, computed)
    for token, fields, computed in (
        ("aws:s3/bucket:Bucket", {"bucket": _BUCKET, "forceDestroy": _FLAG, "tags": TAGS}, ("arn", "region")),
        (
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            {
                "bucket": _BUCKET,
                "blockPublicAcls": _FLAG,
                "blockPublicPolicy": _FLAG,
                "ignorePublicAcls": _FLAG,
                "restrictPublicBuckets": _FLAG,
            },
            (),
        ),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {
                "bucket": _BUCKET,
                "versioningConfiguration": Field(
                    kind=dict,
                    required=True,
                    fields={"status": Field(kind=str, required=True, choices=("Enabled", "Suspended", "Disabled"))},
                ),
            },
            (),
        ),
        (
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            {"bucket": _BUCKET, "rules": Field(kind=list, required=True)},
            (),
        ),
        (
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            {"bucket": _BUCKET, "rules": Field(kind=list, required=True)},
            (),
        ),
        (
            "aws:s3/bucketPolicy:BucketPolicy",
            {"bucket": _BUCKET, "policy": Field(kind=str, required=True, json_text=True)},
            (),
        ),
        (
            "aws:cloudtrail/trail:Trail",
            {
                "name": Field(kind=str, required=True, replaces=True),
                "s3BucketName": Field(kind=str, required=True),
                "isMultiRegionTrail": _FLAG,
                "includeGlobalServiceEvents": _FLAG,
                "enableLogFileValidation": _FLAG,
                "tags": TAGS,
            },
            ("arn", "homeRegion"),
        ),
    )
}
