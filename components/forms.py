"""Forms that texts must have, each with what is wrong without it and how to mend that.

The configuration and the components' arguments check the same forms. This module owns no rule between two fields.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from .errors import ConfigError


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
_RANDOM_LOOKING_END = re.compile(r"-[A-Za-z0-9]{6}\Z")
_CREDENTIAL_ENDS = ("ACCESS_KEY", "ACCESS_KEY_ID", "CLIENT_SECRET", "PASSWORD", "PRIVATE_KEY", "TOKEN")
# What Python's expressions know and Go's (RE2) do not: looking around, conditions, references, possessive repeats.
_NOT_IN_RE2 = re.compile(r"\(\?[=!<>(]|\\[1-9]|[*+?}]\+")


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


@dataclass(frozen=True)
class Form:
    """A form that a text must have."""

    holds: Callable[[str], bool]
    reason: str
    mend: str

    def require(self, field: str, text: str) -> None:
        """Raise a ConfigError about a field unless its text has this form."""
        if not self.holds(text):
            raise ConfigError(field, self.reason, self.mend)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_arn(service: str, region: str, resource: str) -> Callable[[str], bool]:
    return _matches(rf"arn:aws[a-z-]*:{service}:{region}:[0-9]{{12}}:{resource}")


def _short_name(limit: int, example: str) -> Form:
    matches = _matches(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
    return Form(
        lambda text: len(text) <= limit and matches(text),
        f"is not a lower-case name of up to {limit} characters",
        f"use letters, digits and single hyphens inside, such as {example}",
    )


def _is_namespace_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return _NOT_IN_RE2.search(text) is None


def _is_anchored(text: str) -> bool:
    """Whether a pattern has to match from the first to the last character: `^a|b$` has not, `^(a|b)$` has."""
    outside, replaced = text, 1
    while replaced:
        outside, replaced = re.subn(r"\([^()]*\)", "", outside)
    return text.startswith("^") and text.endswith("$") and not text.endswith(r"\$") and "|" not in outside


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text) if "/" in text else None
    except ValueError:
        return None


def _is_limited_network(text: str) -> bool:
    network = _network(text)
    return network is not None and network.prefixlen >= 8


def is_credential_variable(name: str) -> bool:
    """Whether an environment variable is called as if it held a credential, and not the path or address of one."""
    return name.upper().endswith(_CREDENTIAL_ENDS)


def is_oci(chart: str) -> bool:
    """Whether a chart is named by its whole address in a registry of images."""
    return chart.startswith("oci://")


_IMAGE_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_LABEL_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_SUBDOMAIN = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"

PREFIX = _short_name(24, "platform")
ENVIRONMENT_NAME = _short_name(20, "prod")

REGION = Form(
    lambda text: region_partition(text) is not None,
    "is not the name of an AWS region",
    "write one such as eu-west-1",
)
ACCOUNT_ID = Form(_matches(r"[0-9]{12}"), "is not an AWS account id", 'write its 12 digits in quotes: "123456789012"')
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
SECRET_NAME = Form(
    _matches(r"(?=.{1,400}\Z)[a-z0-9]+(?:[/._-][a-z0-9]+)*"),
    "the name is not lower-case words joined by `/`, `-`, `_` or `.`, up to 400 characters",
    "choose a name such as database/password; the environment is put in front of it",
)
# Secrets Manager ends ARNs with a hyphen and six characters: a name that ends so makes lookups by partial ARN
# ambiguous (Secrets Manager API Reference, `CreateSecret`, `Name`).
SECRET_NAME_END = Form(
    lambda text: _RANDOM_LOOKING_END.search(text) is None,
    "the name ends with a hyphen and six characters, as Secrets Manager's own ARNs do",
    "choose another name, such as database/password",
)

DNS_LABEL = Form(
    _matches(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"),
    "is not a Kubernetes name (RFC 1123 label)",
    "use up to 63 lower-case letters, digits and hyphens inside",
)
DNS_SUBDOMAIN = Form(
    _matches(rf"(?=.{{1,253}}\Z){_SUBDOMAIN}"),
    "is not a Kubernetes name (RFC 1123 subdomain)",
    "use lower-case letters, digits, hyphens and dots inside, up to 253 characters",
)
LABEL_KEY = Form(
    _matches(rf"(?:(?=.{{1,253}}/){_SUBDOMAIN}/)?{_LABEL_NAME}"),
    "is not the key of a Kubernetes label",
    "write it as in `metadata.labels`, such as team or example.com/team",
)
LABEL_VALUE = Form(
    _matches(rf"(?:{_LABEL_NAME})?"),
    "is not the value of a Kubernetes label",
    "use up to 63 letters, digits, and `-`, `_` or `.` inside",
)
NAMESPACE_PATTERN = Form(
    _is_namespace_pattern,
    "is not a regular expression that Go understands (RE2)",
    "write one such as ^team-[a-z0-9-]+$",
)
# The operator searches the pattern anywhere in the name (external-secrets v0.20.4, `regexp.MatchString`).
WHOLE_NAMESPACE_PATTERN = Form(
    _is_anchored,
    "matches parts of names, so it lets in namespaces that it does not mean",
    "begin it with ^ and end it with $, and put alternatives in parentheses",
)
DURATION = Form(_matches(r"[1-9][0-9]*[smh]"), "is not a duration", "write a number and s, m or h, such as 1h")
IMAGE = Form(
    _matches(
        r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
        rf"(?::(?!latest\Z){_IMAGE_TAG}|(?::{_IMAGE_TAG})?@sha256:[0-9a-f]{{64}})"
    ),
    "is not an image with a version: a tag other than latest, or a digest",
    "write it as REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST",
)
GIT_SSH_URL = Form(
    _matches(r"(?:git@[A-Za-z0-9.-]+:|ssh://git@[A-Za-z0-9.-]+(?::[0-9]+)?/)[A-Za-z0-9_./~-]+"),
    "is not the address of a Git repository by SSH",
    "write it as git@HOST:PATH or ssh://git@HOST/PATH",
)
HTTPS_URL = Form(
    _matches(r"https://[A-Za-z0-9.:\[\]-]+(?:/[^\s@]*)?"),
    "is not an https:// address without a user's name in it",
    "write it as https://HOST/PATH",
)

CIDR = Form(
    lambda text: _network(text) is not None,
    "is not the CIDR of a network",
    "write its first address and length, such as 203.0.113.0/24",
)
LIMITED_CIDR = Form(
    _is_limited_network,
    "opens the API to more than a /8 network, which is as good as everybody",
    "name the networks that you administer from, such as 203.0.113.0/24",
)
SUBNET_ID = Form(
    _matches(r"subnet-[0-9a-f]{8,17}"), "is not the id of a subnet", "write it as subnet-0123456789abcdef0"
)
KUBERNETES_VERSION = Form(_matches(r"1\.[0-9]{2}"), "is not a version of Kubernetes", 'write it in quotes: "1.34"')
