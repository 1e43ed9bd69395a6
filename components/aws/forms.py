"""Forms of AWS: regions, accounts and ARNs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ..forms import Form, matches


class Partition(NamedTuple):
    """A group of AWS regions: its name in ARNs, and the suffix of its service names."""

    name: str
    service_suffix: str


# Source: AWS General Reference, "AWS partitions".
_PARTITIONS = {
    "cn": Partition("aws-cn", "amazonaws.com.cn"),
    "us-gov": Partition("aws-us-gov", "amazonaws.com"),
    "us-iso": Partition("aws-iso", "c2s.ic.gov"),
    "us-isob": Partition("aws-iso-b", "sc2s.sgov.gov"),
    "eu-isoe": Partition("aws-iso-e", "cloud.adc-e.uk"),
    "us-isof": Partition("aws-iso-f", "csp.hci.ic.gov"),
    "eusc-de": Partition("aws-eusc", "amazonaws.eu"),
} | dict.fromkeys(("us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"), Partition("aws", "amazonaws.com"))
_REGION = re.compile(r"([a-z]{2}(?:-gov|-iso[a-z]?)?|eusc-de)-(?:north|south|east|west|central)(?:east|west)?-[1-9]")
_ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}):([A-Za-z0-9_+=,.@:/-]+)")
_MONTHS, _WEEKDAYS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC", "SUN|MON|TUE|WED|THU|FRI|SAT"
# Rotation windows open on the hour, and a schedule cannot name a year (Secrets Manager User Guide, "Schedule
# expressions").
_CRON = (
    r"cron\(0 [0-9*,/-]+ (?:\?|[0-9L*,/-]+)"
    rf" (?:[0-9*,/-]|{_MONTHS})+ (?:\?|(?:[0-9L*#,/-]|{_WEEKDAYS})+) \*\)"
)
_RANDOM_LOOKING_END = re.compile(r"-[A-Za-z0-9]{6}\Z")


def region_partition(region: str) -> Partition | None:
    """The partition that a region belongs to, or None if it is no AWS region's name."""
    match = _REGION.fullmatch(region)
    return _PARTITIONS.get(match[1]) if match else None


@dataclass(frozen=True)
class Arn:
    """The parts of an ARN that carries an account. Patterns with wildcards are no ARNs."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> "Arn | None":
        match = _ARN.fullmatch(text)
        return cls(*match.groups()) if match else None

    def lies_in(self, account_id: str, region: str) -> bool:
        """Whether it belongs to an account and, unless its service is global, to a region."""
        partition = region_partition(region)
        return (
            partition is not None
            and (self.partition, self.account) == (partition.name, account_id)
            and self.region in ("", region)
        )


def _is_arn(service: str, region: str, resource: str) -> Callable[[str], bool]:
    return matches(rf"arn:aws[a-z-]*:{service}:{region}:[0-9]{{12}}:{resource}")


REGION = Form(
    lambda text: region_partition(text) is not None,
    "is not the name of an AWS region",
    "write one such as eu-west-1",
)
ACCOUNT_ID = Form(matches(r"[0-9]{12}"), "is not an AWS account id", 'write its 12 digits in quotes: "123456789012"')
FUNCTION_ARN = Form(
    _is_arn("lambda", "[a-z0-9-]+", "function:[A-Za-z0-9_-]{1,64}"),
    "is not the ARN of a Lambda function, without a version or alias",
    "write it as arn:aws:lambda:REGION:ACCOUNT:function:NAME",
)
ROTATION_SCHEDULE = Form(
    matches(r"rate\((?:1 (?:hour|day)|(?:[2-9]|[1-9][0-9]{1,2}) (?:hours|days))\)|" + _CRON),
    "is not a schedule of Secrets Manager: a rate, or a cron of six fields at minute 0 of every year",
    "write it as rate(30 days), or as cron(0 3 1 * ? *) in UTC",
)
KEY_ARN = Form(
    _is_arn("kms", "[a-z0-9-]+", "key/[A-Za-z0-9-]+"),
    "is not the ARN of a KMS key (an alias moves)",
    "write it as arn:aws:kms:REGION:ACCOUNT:key/ID",
)
SECRET_ARN = Form(
    _is_arn("secretsmanager", "[a-z0-9-]+", "secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}"),
    "is not the whole ARN of a secret",
    "write it as arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX",
)
PRINCIPAL_ARN = Form(
    _is_arn("iam", "", "(?:role|user)/[A-Za-z0-9_+=,.@/-]+"),
    "is not the ARN of one IAM role or user (not of a session or a whole account, and no wildcard)",
    "write it as arn:aws:iam::ACCOUNT:role/NAME",
)
ROLE_ARN = Form(
    _is_arn("iam", "", "role/[A-Za-z0-9_+=,.@/-]+"),
    "is not the ARN of one IAM role",
    "write it as arn:aws:iam::ACCOUNT:role/NAME",
)
OIDC_PROVIDER_ARN = Form(
    _is_arn("iam", "", "oidc-provider/[A-Za-z0-9._:/-]+"),
    "is not the ARN of an OIDC provider",
    "write it as arn:aws:iam::ACCOUNT:oidc-provider/HOST",
)
ECR_REPOSITORY_ARN = Form(
    _is_arn("ecr", "[a-z0-9-]+", "repository/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"),
    "is not the ARN of one ECR repository",
    "write it as arn:aws:ecr:REGION:ACCOUNT:repository/NAME",
)
HOSTED_ZONE_ID = Form(
    matches(r"[A-Z0-9]{1,32}"),
    "is not the id of a hosted zone",
    "write it as Route 53 has it, such as Z0123456789ABCDEFGHIJ, without /hostedzone/",
)
TRAIL_ARN = Form(
    _is_arn("cloudtrail", "[a-z0-9-]+", "trail/[A-Za-z0-9._-]+"),
    "is not the ARN of a CloudTrail trail",
    "write it as arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME",
)
# Secrets Manager ends ARNs with a hyphen and six characters: a name that ends so makes lookups by partial ARN
# ambiguous (Secrets Manager API Reference, `CreateSecret`, `Name`).
SECRET_NAME_END = Form(
    lambda text: _RANDOM_LOOKING_END.search(text) is None,
    "the name ends with a hyphen and six characters, as Secrets Manager's own ARNs do",
    "choose another name, such as database/password",
)

SUBNET_ID = Form(matches(r"subnet-[0-9a-f]{8,17}"), "is not the id of a subnet", "write it as subnet-0123456789abcdef0")
