"""The configuration of an environment on Google Cloud. In YAML, fields are written in camelCase."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..config.environment import Belonging, EnvironmentConfig, IdentityConfig
from ..config.models import ClusterConfig, ConfigModel
from ..config.rules import Cidr, formed
from ..config.teams import teams_without_containers
from ..contracts import IdentityKind, Names
from ..faults import Distinct, fault
from ..forms import SECRET_NAME
from . import forms
from .forms import GLOBAL, SECRET_NAME_SHAPE, key_location
from .names import GcpNames

ProjectId = Annotated[str, formed(forms.PROJECT_ID)]
ProjectNumber = Annotated[str, formed(forms.PROJECT_NUMBER)]
Region = Annotated[str, formed(forms.REGION)]
Zone = Annotated[str, formed(forms.ZONE)]
Location = Annotated[str, formed(forms.LOCATION)]
Suffix = Annotated[str, formed(forms.SUFFIX)]
KeyName = Annotated[str, formed(forms.KEY_NAME)]
SecretId = Annotated[str, formed(forms.SECRET_ID)]
Member = Annotated[str, formed(forms.MEMBER)]
ServiceAccountEmail = Annotated[str, formed(forms.SERVICE_ACCOUNT_EMAIL)]
ClusterName = Annotated[str, formed(forms.CLUSTER_NAME)]
Network = Annotated[str, formed(forms.NETWORK)]
Subnetwork = Annotated[str, formed(forms.SUBNETWORK)]
GcpSecretName = Annotated[str, formed(SECRET_NAME, SECRET_NAME_SHAPE)]


class GcpIdentityConfig(IdentityConfig, frozen=True):
    """How the operator gets into Google Cloud.

    kind: `gkePrincipal` or `gkeServiceAccount`.
    serviceAccountRef: another Kubernetes service account than the operator's own; default none.
    serviceAccountEmail: the address of a service account of IAM to adopt (gkeServiceAccount only); default none.
    """

    kind: Literal[IdentityKind.GKE_PRINCIPAL, IdentityKind.GKE_SERVICE_ACCOUNT]
    service_account_email: ServiceAccountEmail | None = None

    @model_validator(mode="after")
    def _possible_pair(self) -> Self:
        if self.kind is IdentityKind.GKE_PRINCIPAL and self.service_account_email is not None:
            raise fault(
                "has no meaning with gkePrincipal, which becomes no service account of IAM",
                "remove serviceAccountEmail, or set kind to gkeServiceAccount",
                "serviceAccountEmail",
            )
        return self


class GcpExistingKeys(ConfigModel, frozen=True):
    """Keys to adopt instead of creating them. Their administrators and their rotation stay as they are.

    secrets: resource names of the keys of the environment's containers, one in each replica location; default none.
    etcd: resource name of the key of the cluster's Secrets, in the environment's region; default none.
    tenants: resource names of the keys of the tenants' containers, one in each replica location; default none.
    """

    secrets: tuple[KeyName, ...] = ()
    etcd: KeyName | None = None
    tenants: tuple[KeyName, ...] = ()

    def by_role(self) -> dict[str, tuple[str, ...]]:
        roles = {"secrets": self.secrets, "etcd": (self.etcd,) if self.etcd else (), "tenants": self.tenants}
        return {role: keys for role, keys in roles.items() if keys}


class GcpKeysConfig(ConfigModel, frozen=True):
    """The environment's keys.

    rotationDays: days between rotations; 1 to 36500; default 90.
    deletionWindowDays: days from a key's deletion until its versions are gone; 1 to 120; set when a key is created;
        default the deletion profile's.
    existing: keys to adopt; default none.
    """

    rotation_days: Annotated[int, Field(ge=1, le=36500)] = 90
    deletion_window_days: Annotated[int, Field(ge=1, le=120)] | None = None
    existing: GcpExistingKeys = GcpExistingKeys()


class GcpSecretConfig(ConfigModel, frozen=True):
    """One container in Secret Manager, created empty.

    description: what it is for; up to 2048 characters; default none.
    existingId: the id of a container of the project to adopt; default none.
    """

    description: Annotated[str, Field(max_length=2048)] | None = None
    existing_id: SecretId | None = None


class GcpAuditConfig(ConfigModel, frozen=True):
    """The project's access logs.

    existing: whether they are switched on and kept by somebody else, so that nothing is made here; default false.
    retentionDays: days that the entries are kept; 1 to 3650; default 400.
    """

    existing: bool = False
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 400


class GkeClusterConfig(ClusterConfig, frozen=True):
    """A regional GKE cluster with private nodes, created with the key wired in, in a network that is there.

    kind: gke.
    network: the network's name.
    subnetwork: the subnetwork's name, in the environment's region.
    name: the cluster's name; default `<prefix>-<environment>`.
    releaseChannel: RAPID, REGULAR, STABLE or EXTENDED; default REGULAR.
    zones: where the nodes are; default none: GKE chooses three.
    machineType: what the nodes are; default e2-standard-2.
    nodesPerZone: how many in each zone; 1 to 1000; default 1.
    publicAccessCidrs: networks, of a /8 at most, that reach the API from outside; default none, so no public address.
    """

    kind: Literal["gke"]
    network: Network
    subnetwork: Subnetwork
    name: ClusterName | None = None
    release_channel: Literal["RAPID", "REGULAR", "STABLE", "EXTENDED"] = "REGULAR"
    zones: Annotated[tuple[Zone, ...], Field(min_length=1), Distinct] | None = None
    machine_type: str = "e2-standard-2"
    nodes_per_zone: Annotated[int, Field(ge=1, le=1000)] = 1
    public_access_cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)] | None = None


class GcpEnvironmentConfig(EnvironmentConfig, frozen=True):
    """One environment in one project of its own: keys, secrets, a cluster, and how the cluster gets at the secrets.

    backend: gcp.
    projectId: the project's id.
    projectNumber: the project's number; digits in quotes.
    location: the region of the cluster and of the keys, such as europe-west1.
    cluster: the cluster, of kind gke.
    identity: how the operator gets into Google Cloud.
    administrators: IAM members who manage the keys and cannot use them; at least one.
    deployers: IAM members who run this program; at least one.
    store: the ClusterSecretStore and who may use it.
    writers: IAM members who put values into containers; default none.
    replicaLocations: where values are kept: regions, or `global` alone for automatic replication; default the location.
    namespaces: your namespaces, created here; the operator writes Secrets in them; default none.
    teams: teams with stores of their own, by name; default none.
    sharedPrefixes: how the names of the containers begin that all teams may read; each ends in `/`; default none.
    secrets: containers by name; default none.
    deletionProfile: durable or ephemeral; default durable.
    secretRecoveryDays: days that a destroyed version can be enabled again; 0 to 1000; default the profile's.
    suffix: put at the end of names that Google does not free, for an environment that is made again; default none.
    keys: key lifetimes, and keys to adopt; default new ones.
    audit: the project's access logs.
    operator: the operator and its chart.
    firstSync: the canary.
    argocd: Argo CD's first repository; default none.
    sealedSecrets: Sealed Secrets beside the manager; default none.
    """

    secret_name_forms = (SECRET_NAME, SECRET_NAME_SHAPE)

    backend: Literal["gcp"]
    project_id: ProjectId
    project_number: ProjectNumber
    location: Region
    cluster: GkeClusterConfig
    identity: GcpIdentityConfig
    administrators: Annotated[tuple[Member, ...], Field(min_length=1), Distinct]
    deployers: Annotated[tuple[Member, ...], Field(min_length=1), Distinct]
    writers: Annotated[tuple[Member, ...], Distinct] = ()
    replica_locations: Annotated[tuple[Location, ...], Field(min_length=1), Distinct] | None = None
    secrets: dict[GcpSecretName, GcpSecretConfig] = Field(default_factory=dict[str, GcpSecretConfig])
    secret_recovery_days: Annotated[int, Field(ge=0, le=1000)] | None = None
    suffix: Suffix | None = None
    keys: GcpKeysConfig = GcpKeysConfig()
    audit: GcpAuditConfig = GcpAuditConfig()

    def names(self, prefix: str, environment: str) -> GcpNames:
        return GcpNames(
            prefix=prefix,
            environment=environment,
            project_id=self.project_id,
            project_number=self.project_number,
            location=self.location,
            suffix=self.suffix,
        )

    def secret_names(self) -> frozenset[str]:
        return frozenset(self.secrets)

    def place(self) -> tuple[str, ...]:
        return self.project_id, self.location

    def belongings(self) -> Iterator[Belonging]:
        # The same Kubernetes service account of any cluster in a project is the same IAM member: whoever administers
        # one cluster could read the other environment's secrets (GKE, "Identity sameness across clusters").
        yield Belonging("project", (self.project_id,), "projectId")
        yield Belonging("project", (self.project_number,), "projectNumber")
        for role, keys in self.keys.existing.by_role().items():
            for index, key in enumerate(keys):
                yield Belonging("key", (key,), f"keys.existing.{role}" + ("" if role == "etcd" else f".{index}"))
        for secret, chosen in self.secrets.items():
            if chosen.existing_id:
                yield Belonging("secret", (self.project_id, chosen.existing_id), f"secrets.{secret}.existingId")
        if self.identity.service_account_email:
            yield Belonging("service account", (self.identity.service_account_email,), "identity.serviceAccountEmail")

    def problems(self, names: Names) -> Iterator[tuple[str, str, str]]:
        own = {names.secret_name(secret): secret for secret in self._created_secrets()}
        for secret, chosen in self.secrets.items():
            if chosen.existing_id in own:
                yield (
                    f"secrets.{secret}.existingId",
                    f"is the container of {own[chosen.existing_id]}, which is created here",
                    "adopt another container",
                )
        yield from teams_without_containers(self)

    def _created_secrets(self) -> Iterator[str]:
        yield self.first_sync.secret
        if self.deploy_key_secret is not None:
            yield self.deploy_key_secret
        yield from (name for name, chosen in self.secrets.items() if chosen.existing_id is None)

    @model_validator(mode="after")
    def _one_way_of_replication(self) -> Self:
        if len(self.replica_locations or ()) > 1 and GLOBAL in (self.replica_locations or ()):
            raise fault(
                f"has {GLOBAL} beside regions, and a value is replicated either automatically or where you say",
                f"name regions, or {GLOBAL} alone",
                "replicaLocations",
            )
        return self

    @model_validator(mode="after")
    def _keys_lie_where_they_are_used(self) -> Self:
        for role, keys in self.keys.existing.by_role().items():
            wanted = (self.location,) if role == "etcd" else self.replica_locations or (self.location,)
            if sorted(key_location(key) or "" for key in keys) != sorted(wanted):
                raise fault(
                    "does not name one key in each location where it is needed",
                    f"name one in each of: {', '.join(wanted)}",
                    f"keys.existing.{role}",
                )
        return self

    @model_validator(mode="after")
    def _zones_lie_in_the_region(self) -> Self:
        for index, zone in enumerate(self.cluster.zones or ()):
            if not zone.startswith(f"{self.location}-"):
                raise fault(
                    "lies in another region than the environment",
                    f"name zones of {self.location}",
                    f"cluster.zones.{index}",
                )
        return self
