"""Names and ARNs of one environment. Every one is computed before it exists, so that policies can name it exactly."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..arguments import Arguments
from ..forms import ENVIRONMENT_NAME, PREFIX
from .forms import ACCOUNT_ID, REGION, SECRET_ARN, Partition, region_partition

OPERATOR_ROLE = "external-secrets"
NODE_ROLE = "node"
EKS_CLUSTER_ROLE = "eks-cluster"
"""The role of an EKS cluster: the key of its etcd trusts it by this name."""
EKS_NODES_ROLE = "eks-nodes"
TENANTS_ADMINISTRATOR_ROLE = "tenants-administrator"


LONGEST_ROLE_NAME = 64
"""Characters of a role's name (IAM and AWS STS quotas)."""


@dataclass(frozen=True, kw_only=True)
class AwsNames(Arguments):
    """Every name and ARN of one environment in one account and region, all plain text.

    prefix: put in front of every name; lower case, up to 24 characters.
    environment: the environment's name; lower case, up to 20 characters.
    account_id: the AWS account; 12 digits.
    region: the AWS region, such as `eu-west-1`.

    With these limits the longest role's name has 62 characters; IAM allows 64. Raises ConfigError beyond them.
    """

    prefix: str
    environment: str
    account_id: str
    region: str

    def __post_init__(self) -> None:
        PREFIX.require("AwsNames.prefix", self.prefix)
        ENVIRONMENT_NAME.require("AwsNames.environment", self.environment)
        ACCOUNT_ID.require("AwsNames.account_id", self.account_id)
        REGION.require("AwsNames.region", self.region)

    @property
    def partition(self) -> str:
        return self._partition.name

    @property
    def _partition(self) -> Partition:
        partition = region_partition(self.region)
        assert partition is not None  # __post_init__ has refused every other region
        return partition

    @property
    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:root"

    @property
    def secrets_manager_service(self) -> str:
        """The value of `kms:ViaService` when Secrets Manager calls KMS for somebody."""
        return f"secretsmanager.{self.region}.{self._partition.service_suffix}"

    @property
    def secret_prefix(self) -> str:
        return f"{self.prefix}/{self.environment}/"

    def secret_name(self, name: str) -> str:
        return f"{self.secret_prefix}{name}"

    def secret_arn(self, name: str) -> str:
        """The pattern that matches this one secret: Secrets Manager adds a hyphen and six characters to the name."""
        return f"{self._secrets}{self.secret_name(name)}-??????"

    def is_secret(self, arn: str, name: str) -> bool:
        """Whether an ARN without wildcards is that of this one secret."""
        return SECRET_ARN.holds(arn) and fnmatchcase(arn, self.secret_arn(name))

    def secrets_arn(self, folder: str = "") -> str:
        """The pattern that matches every secret of the environment, or of one folder in it."""
        return f"{self._secrets}{self.secret_prefix}{folder}*"

    def holds_secret(self, arn: str) -> bool:
        """Whether a secret's ARN lies under the environment's prefix: the operator may read no other."""
        return arn.startswith(f"{self._secrets}{self.secret_prefix}")

    @property
    def _secrets(self) -> str:
        return f"arn:{self.partition}:secretsmanager:{self.region}:{self.account_id}:secret:"

    def alias(self, key: str) -> str:
        return f"alias/{self.prefix}/{self.environment}/{key}"

    def role_name(self, role: str) -> str:
        return f"{self.prefix}-{self.environment}-{role}"

    def role_arn(self, role: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role/{self.role_name(role)}"

    @property
    def tenant_roles_path(self) -> str:
        """The path of the tenants' roles. No name holds a `/`, so no other environment's role can lie under it."""
        return f"/{self.prefix}/{self.environment}/tenants/"

    def tenant_role_arn(self, tenant: str) -> str:
        """The role of one tenant, or of `*` for the pattern that matches them all."""
        name = tenant if tenant == "*" else self.role_name(f"tenant-{tenant}")
        return f"arn:{self.partition}:iam::{self.account_id}:role{self.tenant_roles_path}{name}"

    def oidc_provider_arn(self, issuer_url: str) -> str:
        """What IAM calls the OIDC provider of a cluster's issuer."""
        return f"arn:{self.partition}:iam::{self.account_id}:oidc-provider/{issuer_host(issuer_url)}"

    def cluster_arn(self, cluster: str) -> str:
        return f"arn:{self.partition}:eks:{self.region}:{self.account_id}:cluster/{cluster}"

    @property
    def tenant_table(self) -> str:
        """The table of the tenants' wrapped keys."""
        return f"{self.prefix}-{self.environment}-tenants"

    @property
    def tenant_table_arn(self) -> str:
        return f"arn:{self.partition}:dynamodb:{self.region}:{self.account_id}:table/{self.tenant_table}"

    def tags(self, **extra: str) -> dict[str, str]:
        """The tags of everything that belongs to the environment. Recovery after a killed run looks for them."""
        return {"secrets-bootstrap/environment": self.environment, "secrets-bootstrap/prefix": self.prefix, **extra}


def issuer_host(issuer_url: str) -> str:
    """An issuer as IAM's condition keys spell it: without the scheme and without a slash at the end."""
    return issuer_url.removeprefix("https://").rstrip("/")
