"""The keys of one environment on Google Cloud, and who may use and manage them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..contracts import KeyRef
from ..deletion import DeletionProfile
from .forms import GLOBAL, KEY_NAME, LOCATION, MEMBER, key_location
from .names import GcpNames
from .roles import ENCRYPTER_DECRYPTER, KEY_ADMIN

KeyRole = Literal["secrets", "etcd", "tenants"]
KEY_ROLES: tuple[KeyRole, ...] = get_args(KeyRole)
_DAY_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class GcpEnvironmentKeysArgs(Arguments):
    """Arguments of GcpEnvironmentKeys.

    names: the environment's names; the key of etcd lies in their region.
    administrators: IAM members who manage the keys that are created and cannot use them; at least one.
    replica_locations: where Secret Manager keeps values, each with keys of its own: regions, or `global` alone for
        automatic replication; default none: the names' region.
    deletion_profile: what a destroy does; DURABLE protects the keys; default DURABLE.
    rotation_days: time between rotations; days, 1 to 36500; default 90.
    deletion_window_days: time from a key's deletion until its versions are gone; days, 1 to 120; it is set when a key
        is created and cannot change; default the profile's.
    existing: resource names of keys to adopt, by role, one for each of the role's locations; default none.
    """

    names: GcpNames
    administrators: Sequence[str]
    replica_locations: Sequence[str] | None = None
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    rotation_days: int = 90
    deletion_window_days: int | None = None
    existing: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def __post_init__(self) -> None:
        window = self.deletion_window_days
        self.require(1 <= self.rotation_days <= 36500, "rotation_days", "is not from 1 to 36500 days", "90 is usual")
        self.require(
            window is None or 1 <= window <= 120, "deletion_window_days", "is not from 1 to 120 days", "choose 1 to 120"
        )
        self.require(bool(self.administrators), "administrators", "is empty", "name at least one IAM member")
        for index, member in enumerate(self.administrators):
            self.require_form(f"administrators.{index}", member, MEMBER)
        self._require_locations()
        for role, keys in self.existing.items():
            self.require(role in KEY_ROLES, f"existing.{role}", "is not a key's role", f"use {', '.join(KEY_ROLES)}")
            self._require_adoptable(role, keys)
        named = [key for keys in self.existing.values() for key in keys]
        self.require(
            len(set(named)) == len(named), "existing", "names one key twice", "give each role a key of its own"
        )

    def _require_locations(self) -> None:
        locations = self.replica_locations
        if locations is None:
            return
        for index, location in enumerate(locations):
            self.require_form(f"replica_locations.{index}", location, LOCATION)
        self.require(
            bool(locations),
            "replica_locations",
            "is empty",
            "name a location, or leave it out",
        )
        self.require(
            GLOBAL not in locations or len(locations) == 1,
            "replica_locations",
            f"has {GLOBAL} beside regions, and a value is replicated either automatically or where you say",
            f"name regions, or {GLOBAL} alone",
        )

    def _require_adoptable(self, role: str, keys: Sequence[str]) -> None:
        for index, key in enumerate(keys):
            self.require_form(f"existing.{role}.{index}", key, KEY_NAME)
        places = self.places(role)
        self.require(
            sorted(key_location(key) or "" for key in keys) == sorted(places),
            f"existing.{role}",
            "does not name one key in each location where it is needed",
            f"name one in each of: {', '.join(places)}",
        )

    def places(self, role: str) -> Sequence[str]:
        """The locations of a role's keys: GKE's lies in the cluster's region, Secret Manager's with its replicas."""
        if role == "etcd" or self.replica_locations is None:
            return (self.names.location,)
        return self.replica_locations


class GcpEnvironmentKeys(pulumi.ComponentResource):
    """The symmetric keys of one environment, or the ones that are adopted.

    Creates:
    - for each location a key ring `<prefix>-<environment>`, with the names' suffix at its end; it stays when the
      environment goes, since Google deletes no ring;
    - in it the crypto keys `secrets`, `etcd` and `tenants`, as far as they are needed there and not adopted, with
      rotation;
    - a grant for each administrator on each of these keys;
    - the service agents of Secret Manager and GKE, and a grant on exactly the keys that each uses, adopted ones too.

    A destroyed key keeps its name for ever and loses its versions after the deletion window.

    Outputs:
    - `secrets`, `tenants`: the keys by location (KeyRef).
    - `etcd`: the key of etcd (KeyRef).
    - `gates`: everything that was created: what uses a key has to wait for its grant.

    Raises ConfigError for times, members, locations, roles or names that cannot work.
    Sources: Cloud KMS, "Cloud KMS resources" (rings and keys cannot be deleted), "Destroy and restore key versions" and
    API Reference, `CryptoKey`; Secret Manager API Reference, `CustomerManagedEncryption` (a key in each replica's
    location, `global` for automatic replication); GKE, "Encrypt secrets at the application layer".
    """

    secrets: Mapping[str, KeyRef]
    etcd: KeyRef
    tenants: Mapping[str, KeyRef]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpEnvironmentKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpEnvironmentKeys", name, None, opts)
        self._name, self._args = name, args
        self._rings: dict[str, gcp.kms.KeyRing] = {}
        self._created: list[pulumi.Resource] = []
        secret_manager = self._agent("secret-manager", "secretmanager.googleapis.com")
        gke = self._agent("gke", "container.googleapis.com")
        self.secrets = self._keys("secrets", args.names.secret_manager_agent, secret_manager)
        self.etcd = self._keys("etcd", args.names.gke_agent, gke)[args.names.location]
        self.tenants = self._keys("tenants", args.names.secret_manager_agent, secret_manager)
        self.gates = [*self._rings.values(), *self._created]
        self.register_outputs(
            {
                "secretsKeyNames": {location: key.id for location, key in self.secrets.items()},
                "etcdKeyName": self.etcd.id,
                "tenantsKeyNames": {location: key.id for location, key in self.tenants.items()},
            }
        )

    def _agent(self, what: str, service: str) -> pulumi.Resource:
        """The service's own account in this project: it is made when it is first asked for, and never deleted."""
        agent = gcp.projects.ServiceIdentity(
            f"{self._name}-{what}-agent",
            project=self._args.names.project_id,
            service=service,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._created.append(agent)
        return agent

    def _keys(self, role: KeyRole, agent: str, agent_resource: pulumi.Resource) -> Mapping[str, KeyRef]:
        adopted = {key_location(key): key for key in self._args.existing.get(role, ())}
        keys: dict[str, KeyRef] = {}
        for location in self._args.places(role):
            key_id = adopted[location] if adopted else self._key(role, location)
            keys[location] = KeyRef(id=key_id)
            self._grant(f"{role}-{location}-agent", key_id, ENCRYPTER_DECRYPTER, agent, after=[agent_resource])
        return keys

    def _key(self, role: KeyRole, location: str) -> pulumi.Output[str]:
        args, profile = self._args, self._args.deletion_profile
        window_days = args.deletion_window_days or profile.google_key_window_days
        key = gcp.kms.CryptoKey(
            f"{self._name}-{role}-{location}",
            name=role,
            key_ring=self._ring(location).id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{args.rotation_days * _DAY_SECONDS}s",
            destroy_scheduled_duration=f"{window_days * _DAY_SECONDS}s",
            labels=args.names.labels(**{"secrets-bootstrap-key": role}),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=profile.protect,
                # It cannot change, and a key of the same name cannot take the old one's place.
                ignore_changes=["destroyScheduledDuration"],
            ),
        )
        self._created.append(key)
        for member in args.administrators:
            self._grant(f"{role}-{location}-admin-{member}", key.id, KEY_ADMIN, member, after=[])
        return key.id

    def _ring(self, location: str) -> gcp.kms.KeyRing:
        if location not in self._rings:
            names = self._args.names
            self._rings[location] = gcp.kms.KeyRing(
                f"{self._name}-ring-{location}",
                name=names.key_ring,
                location=location,
                project=names.project_id,
                opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
            )
        return self._rings[location]

    def _grant(
        self, what: str, key: pulumi.Input[str], role: str, member: str, *, after: Sequence[pulumi.Resource]
    ) -> None:
        self._created.append(
            gcp.kms.CryptoKeyIAMMember(
                f"{self._name}-{what}",
                crypto_key_id=key,
                role=role,
                member=member,
                opts=pulumi.ResourceOptions(parent=self, depends_on=after),
            )
        )
