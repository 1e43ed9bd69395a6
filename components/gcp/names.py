"""Names of one environment on Google Cloud. Every one is computed before it exists, so that grants can name it."""

from dataclasses import dataclass

from ..arguments import Arguments
from ..contracts import ServiceAccountRef
from ..errors import ConfigError
from ..forms import ENVIRONMENT_NAME, PREFIX
from .forms import PROJECT_ID, PROJECT_NUMBER, REGION, SUFFIX, secret_id_of

OPERATOR_ACCOUNT_ID = "eso"
NODES_ACCOUNT_ID = "nodes"
_LONGEST = 24


@dataclass(frozen=True, kw_only=True)
class GcpNames(Arguments):
    """Every name of one environment in one project and region, all plain text.

    prefix: put in front of every name; lower case, up to 24 characters.
    environment: the environment's name; lower case, up to 20 characters.
    project_id: the project's id, such as `example-prod`.
    project_number: the project's number, in digits.
    location: the region of the cluster and of the environment's keys, such as `europe-west1`.
    suffix: put at the end of names that Google does not free, see below; default none.

    Key rings can never be deleted, and a deleted log bucket keeps its name for 7 days. An environment that is made
    again after it was destroyed therefore needs another suffix. In a living one it would replace keys and containers.

    Raises ConfigError for other forms, and if prefix and environment together have more than 23 characters: service
    accounts' ids end at 30 (IAM API Reference, `accountId`).
    """

    prefix: str
    environment: str
    project_id: str
    project_number: str
    location: str
    suffix: str | None = None

    def __post_init__(self) -> None:
        PREFIX.require("GcpNames.prefix", self.prefix)
        ENVIRONMENT_NAME.require("GcpNames.environment", self.environment)
        PROJECT_ID.require("GcpNames.project_id", self.project_id)
        PROJECT_NUMBER.require("GcpNames.project_number", self.project_number)
        REGION.require("GcpNames.location", self.location)
        if self.suffix is not None:
            SUFFIX.require("GcpNames.suffix", self.suffix)
        if len(self._base) > _LONGEST:
            raise ConfigError(
                "GcpNames.prefix",
                f"has, with the name of the environment, more than {_LONGEST - 1} characters, and the ids of service "
                "accounts end at 30",
                "shorten the prefix or the environment's name",
            )

    @property
    def _base(self) -> str:
        return f"{self.prefix}-{self.environment}"

    @property
    def _unfreed(self) -> str:
        return f"{self._base}-{self.suffix}" if self.suffix else self._base

    @property
    def key_ring(self) -> str:
        return self._unfreed

    def custom_role_id(self, what: str) -> str:
        """The id of a custom role, which has no hyphens (IAM API Reference, `roleId`)."""
        return f"{self._unfreed}_{what}".replace("-", "_")

    @property
    def log_bucket(self) -> str:
        return f"{self._unfreed}-audit"

    @property
    def secret_prefix(self) -> str:
        return f"{self.prefix}--{self.environment}--"

    def secret_name(self, name: str) -> str:
        return f"{self.secret_prefix}{secret_id_of(name)}"

    def secret_resource(self, secret_id: str) -> str:
        return f"projects/{self.project_id}/secrets/{secret_id}"

    def account_id(self, role: str) -> str:
        return f"{self._base}-{role}"

    def pool_id(self, what: str) -> str:
        """The id of a workload identity pool; a deleted one keeps it for 30 days."""
        return f"{self._unfreed}-{what}"

    def pool_member(self, pool_id: str, members: str) -> str:
        """An IAM member: those in a pool that have an attribute, written as `attribute.NAME/VALUE`."""
        return (
            f"principalSet://iam.googleapis.com/projects/{self.project_number}/locations/global/workloadIdentityPools/"
            f"{pool_id}/{members}"
        )

    @property
    def secret_manager_agent(self) -> str:
        """The member that Secret Manager uses keys as (Secret Manager, "Enable CMEK")."""
        return f"serviceAccount:service-{self.project_number}@gcp-sa-secretmanager.iam.gserviceaccount.com"

    @property
    def gke_agent(self) -> str:
        """The member that GKE uses the key of etcd as (GKE, "Encrypt secrets at the application layer")."""
        return f"serviceAccount:service-{self.project_number}@container-engine-robot.iam.gserviceaccount.com"

    @property
    def workload_pool(self) -> str:
        """The project's one pool of workload identities; all of its clusters are in it."""
        return f"{self.project_id}.svc.id.goog"

    def principal(self, account: ServiceAccountRef) -> str:
        """A Kubernetes service account as an IAM member of its own."""
        return (
            f"principal://iam.googleapis.com/projects/{self.project_number}/locations/global/workloadIdentityPools/"
            f"{self.workload_pool}/subject/ns/{account.namespace}/sa/{account.name}"
        )

    def workload_member(self, account: ServiceAccountRef) -> str:
        """A Kubernetes service account as the member that may act as a service account of IAM."""
        return f"serviceAccount:{self.workload_pool}[{account.namespace}/{account.name}]"

    def cluster_resource(self, cluster: str) -> str:
        return f"projects/{self.project_id}/locations/{self.location}/clusters/{cluster}"

    def issuer_url(self, cluster: str) -> str:
        """Where a GKE cluster's service accounts' tokens are issued."""
        return f"https://container.googleapis.com/v1/{self.cluster_resource(cluster)}"

    def labels(self, **extra: str) -> dict[str, str]:
        """The labels of everything that belongs to the environment and can have labels."""
        return {"secrets-bootstrap-environment": self.environment, "secrets-bootstrap-prefix": self.prefix, **extra}
