"""Names and ARNs of one environment. Every one is computed before it exists, so that policies can name it exactly."""

import re
from dataclasses import dataclass

# Partition, then the suffix of its service names (AWS General Reference, "AWS partitions").
_PARTITIONS = {
    "cn": ("aws-cn", "amazonaws.com.cn"),
    "us-gov": ("aws-us-gov", "amazonaws.com"),
    "us-iso": ("aws-iso", "c2s.ic.gov"),
    "us-isob": ("aws-iso-b", "sc2s.sgov.gov"),
    "eu-isoe": ("aws-iso-e", "cloud.adc-e.uk"),
    "us-isof": ("aws-iso-f", "csp.hci.ic.gov"),
    "eusc-de": ("aws-eusc", "amazonaws.eu"),
} | dict.fromkeys(("us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"), ("aws", "amazonaws.com"))
_REGION = re.compile(r"([a-z]{2}(?:-gov|-iso[a-z]?)?|eusc-de)-(?:north|south|east|west|central)(?:east|west)?-[1-9]")
_DNS_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SHORT_NAME = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
_SECRET_NAME = re.compile(r"[a-z0-9]+(?:[/._-][a-z0-9]+)*")
_RANDOM_LOOKING_END = re.compile(r"-[A-Za-z0-9]{6}\Z")
_ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12}):(\S+)")

MAX_ROLE_NAME = 64
"""IAM's limit for a role's name, in characters (IAM User Guide, "IAM and AWS STS quotas")."""

OPERATOR_ROLE = "external-secrets"
NODE_ROLE = "node"
REQUEST_TO_VALIDATE_KEY = "RequestToValidateKeyAccess"


def region_partition(region: str) -> str | None:
    """The partition that a region belongs to, or None if it is no AWS region's name."""
    match = _REGION.fullmatch(region)
    return _PARTITIONS[match[1]][0] if match and match[1] in _PARTITIONS else None


def is_dns_label(text: str) -> bool:
    """RFC 1123 label: what Kubernetes asks of namespaces and service accounts."""
    return _DNS_LABEL.fullmatch(text) is not None


def is_short_name(text: str, limit: int) -> bool:
    """Lower-case letters, digits and single hyphens inside, starting with a letter."""
    return len(text) <= limit and _SHORT_NAME.fullmatch(text) is not None and "--" not in text


def secret_name_fault(name: str) -> str | None:
    """Why a container cannot have this name, or None.

    Secrets Manager ends ARNs with a hyphen and six characters, so a name that ends so makes lookups by partial ARN
    ambiguous (Secrets Manager API Reference, `CreateSecret`, `Name`).
    """
    if _SECRET_NAME.fullmatch(name) is None or len(name) > 400:
        return "is not lower-case words joined by `/`, `-`, `_` or `.`, up to 400 characters"
    if _RANDOM_LOOKING_END.search(name):
        return "ends with a hyphen and six characters, as Secrets Manager's own ARNs do"
    return None


@dataclass(frozen=True)
class Arn:
    """The parts of an ARN that carry an account."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> "Arn | None":
        match = _ARN.fullmatch(text)
        return cls(*match.groups()) if match else None


@dataclass(frozen=True, kw_only=True)
class AwsNames:
    """Every name and ARN of one environment in one account and region.

    All are plain text, known before anything exists.
    """

    prefix: str
    environment: str
    account_id: str
    region: str

    @property
    def partition(self) -> str:
        return self._partition[0]

    @property
    def _partition(self) -> tuple[str, str]:
        match = _REGION.fullmatch(self.region)
        if match is None or match[1] not in _PARTITIONS:
            raise ValueError("not an AWS region; validate it before names are computed")
        return _PARTITIONS[match[1]]

    @property
    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:root"

    @property
    def secrets_manager_service(self) -> str:
        """The value of `kms:ViaService` when Secrets Manager calls KMS for somebody."""
        return f"secretsmanager.{self.region}.{self._partition[1]}"

    @property
    def secret_prefix(self) -> str:
        return f"{self.prefix}/{self.environment}/"

    def secret_name(self, name: str) -> str:
        return f"{self.secret_prefix}{name}"

    def secret_arn(self, name: str) -> str:
        """The pattern that matches this one secret: Secrets Manager adds a hyphen and six characters to the name."""
        return f"{self._secrets}{self.secret_name(name)}-??????"

    def secrets_arn(self, folder: str = "") -> str:
        """The pattern that matches every secret of the environment, or of one folder in it."""
        return f"{self._secrets}{self.secret_prefix}{folder}*"

    @property
    def _secrets(self) -> str:
        return f"arn:{self.partition}:secretsmanager:{self.region}:{self.account_id}:secret:"

    def alias(self, key: str) -> str:
        return f"alias/{self.prefix}/{self.environment}/{key}"

    def role_name(self, role: str) -> str:
        return f"{self.prefix}-{self.environment}-{role}"

    def role_arn(self, role: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role/{self.role_name(role)}"

    def cluster_arn(self, cluster: str) -> str:
        return f"arn:{self.partition}:eks:{self.region}:{self.account_id}:cluster/{cluster}"

    def oidc_provider_arn(self, issuer_url: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:oidc-provider/{issuer_host(issuer_url)}"

    def tags(self, **extra: str) -> dict[str, str]:
        """The tags of everything that belongs to the environment. Recovery after a killed run looks for them."""
        return {"secrets-bootstrap/environment": self.environment, "secrets-bootstrap/prefix": self.prefix, **extra}


def issuer_host(issuer_url: str) -> str:
    """An issuer as IAM's condition keys spell it: without the scheme and without a slash at the end."""
    return issuer_url.removeprefix("https://").rstrip("/")
