"""Containers in Secret Manager. It never holds a value: containers are created empty and filled by others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..contracts import CanaryRef, KeyRef, StoreRef
from ..deletion import DeletionProfile
from ..forms import SECRET_NAME, TENANTS_FOLDER
from ..operator_filled import require_operator_filled
from .forms import GLOBAL, MEMBER, SECRET_ID, SECRET_NAME_SHAPE, TIMESTAMP, TOPIC
from .names import GcpNames
from .roles import SECRET_ACCESSOR, SECRET_VERSION_ADDER

_DAY_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class GcpSecretRotation(Arguments):
    """When Secret Manager asks for a new value. It makes none: whoever listens to the topic writes a version.

    topic: the resource name of the Pub/Sub topic that it tells; Secret Manager's service agent must be allowed to
        publish there (`roles/pubsub.publisher`) before.
    first: the first time, in UTC, such as 2030-01-31T03:00:00Z; later ones are Secret Manager's own.
    period_days: days between two times; 1 to 3650; default 30.
    """

    topic: str
    first: str
    period_days: int = 30


@dataclass(frozen=True, kw_only=True)
class GcpSecretSpec(Arguments):
    """One container.

    description: what it is for; default none.
    readers: IAM members that may read it besides the operator; default none.
    writers: IAM members that may put values into it and not read them; default none.
    existing_id: the id of a container of the project to adopt; nothing about it is changed but grants that are added;
        default none.
    rotation: when it asks for a new value; default never.
    """

    description: str | None = None
    readers: Sequence[str] = ()
    writers: Sequence[str] = ()
    existing_id: str | None = None
    rotation: GcpSecretRotation | None = None


@dataclass(frozen=True, kw_only=True)
class GcpSecretStoreArgs(Arguments):
    """Arguments of GcpSecretStore.

    names: the environment's names; every container is called `<prefix>--<environment>--<name>`, each `/` of the name
        written as `--`.
    secrets_keys: the keys that encrypt the containers, by location: regions, each of which gets a replica, or `global`
        alone for automatic replication.
    tenants_keys: the keys that encrypt the containers under `tenants/`, in the same locations.
    canary: the name of the container for the first sync, not under `tenants/`; default canary.
    operator_filled: names of other containers that the operator fills, not under `tenants/`; default none.
    secrets: the other containers by name; default none.
    deletion_profile: what a destroy does; DURABLE protects the containers; default DURABLE.
    recovery_days: how long a destroyed version of a value can be enabled again; days, 0 to 1000; default the profile's.
    after: what must be there before, such as the service agent's grants on the keys; default none.
    """

    names: GcpNames
    secrets_keys: Mapping[str, KeyRef]
    tenants_keys: Mapping[str, KeyRef]
    canary: str = "canary"
    operator_filled: Sequence[str] = ()
    secrets: Mapping[str, GcpSecretSpec] = field(default_factory=dict[str, GcpSecretSpec])
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    recovery_days: int | None = None
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        days = self.recovery_days
        self.require(days is None or 0 <= days <= 1000, "recovery_days", "is not from 0 to 1000", "choose 0 to 1000")
        self.require(
            bool(self.secrets_keys) and (GLOBAL not in self.secrets_keys or len(self.secrets_keys) == 1),
            "secrets_keys",
            f"is empty or has {GLOBAL} beside regions",
            f"give a key for each region, or one for {GLOBAL} alone",
        )
        self.require(
            self.tenants_keys.keys() == self.secrets_keys.keys(),
            "tenants_keys",
            "are not in the locations of secrets_keys",
            "give one key for each of the same locations",
        )
        self.require(
            self.canary not in self.secrets, f"secrets.{self.canary}", "is the canary's container", "remove it"
        )
        self.require_form("canary", self.canary, SECRET_NAME, SECRET_NAME_SHAPE)
        self.require(
            not self.canary.startswith(TENANTS_FOLDER),
            "canary",
            "lies among the tenants' containers, where the operator may write nothing",
            f"choose a name that does not begin with {TENANTS_FOLDER}",
        )
        require_operator_filled(self, self.operator_filled, {self.canary, *self.secrets}, SECRET_NAME_SHAPE)
        taken = {self.secret_id(name): name for name in (self.canary, *self.operator_filled)}
        for name, spec in self.secrets.items():
            self._require_possible(name, spec)
            other = taken.setdefault(self.secret_id(name), name)
            self.require(
                other == name, f"secrets.{name}.existing_id", f"is the container of {other}", "adopt another container"
            )

    def _require_possible(self, name: str, spec: GcpSecretSpec) -> None:
        self.require_form(f"secrets.{name}", name, SECRET_NAME, SECRET_NAME_SHAPE)
        for what, members in (("readers", spec.readers), ("writers", spec.writers)):
            for index, member in enumerate(members):
                self.require_form(f"secrets.{name}.{what}.{index}", member, MEMBER)
        if spec.existing_id is not None:
            self.require_form(f"secrets.{name}.existing_id", spec.existing_id, SECRET_ID)
            self.require(
                spec.rotation is None,
                f"secrets.{name}.rotation",
                "has no effect on a container that is adopted",
                "remove rotation or existing_id",
            )
        if spec.rotation is not None:
            self.require_form(f"secrets.{name}.rotation.topic", spec.rotation.topic, TOPIC)
            self.require_form(f"secrets.{name}.rotation.first", spec.rotation.first, TIMESTAMP)
            self.require(
                1 <= spec.rotation.period_days <= 3650,
                f"secrets.{name}.rotation.period_days",
                "is not from 1 to 3650",
                "30 is usual",
            )

    def secret_id(self, name: str) -> str:
        """What a container is called in Secret Manager; `remoteRef.key` of an ExternalSecret."""
        spec = self.secrets.get(name)
        return spec.existing_id if spec and spec.existing_id else self.names.secret_name(name)


class GcpSecretStore(pulumi.ComponentResource):
    """The environment's containers in Secret Manager.

    Creates:
    - for each name that is not adopted an empty container (`Secret`) under customer managed keys, user-managed
      replication in the locations of the keys, or automatic replication for a `global` key;
    - for each reader and writer of a container a grant on this one container.

    Secret Manager deletes containers at once: DURABLE refuses to, by Pulumi's protection and the provider's
    `deletion_protection`. Versions of values are kept for the recovery days after they were destroyed.

    Outputs:
    - `store`: the secret manager (StoreRef).
    - `canary`: the container for the first sync (CanaryRef).
    - `secret_ids`: the containers by name, as `projects/PROJECT/secrets/ID`.
    - `gates`: everything that was created.

    Raises ConfigError for names, keys, days, members or ids that cannot work.
    Sources: Secret Manager API Reference, `Secret` (`replication`, `versionDestroyTtl`); external-secrets v0.20.4,
    `pkg/provider/gcp/secretmanager`: only a container with the label `managed-by: external-secrets` is filled, and
    labels that `push_metadata` does not keep are removed.
    """

    store: StoreRef
    canary: CanaryRef
    secret_ids: Mapping[str, pulumi.Input[str]]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpSecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpSecretStore", name, None, opts)
        self._name, self._args = name, args
        names, self._created = args.names, list[pulumi.Resource]()
        managed = {"managed-by": "external-secrets"}
        filled = (args.canary, *args.operator_filled)
        ids: dict[str, pulumi.Input[str]] = {key: self._container(key, GcpSecretSpec(), managed).id for key in filled}
        for key, spec in args.secrets.items():
            if spec.existing_id is not None:
                ids[key] = names.secret_resource(spec.existing_id)
            else:
                ids[key] = self._container(key, spec, {}).id
            self._grant(key, ids[key], "reader", SECRET_ACCESSOR, spec.readers)
            self._grant(key, ids[key], "writer", SECRET_VERSION_ADDER, spec.writers)
        self.store, self.canary = store_ref(names), canary_ref(names, args.canary)
        self.secret_ids, self.gates = ids, self._created
        self.register_outputs({"secretPrefix": names.secret_prefix, "secretIds": ids})

    def _container(self, key: str, spec: GcpSecretSpec, labels: Mapping[str, str]) -> gcp.secretmanager.Secret:
        args, profile = self._args, self._args.deletion_profile
        days = profile.recovery_days if args.recovery_days is None else args.recovery_days
        keys = args.tenants_keys if key.startswith(TENANTS_FOLDER) else args.secrets_keys
        rotation = spec.rotation
        secret = gcp.secretmanager.Secret(
            f"{self._name}-{key}",
            secret_id=args.names.secret_name(key),
            project=args.names.project_id,
            replication=_replication(keys),
            version_destroy_ttl=f"{days * _DAY_SECONDS}s" if days else None,
            annotations={"description": spec.description} if spec.description else None,
            labels=args.names.labels(**labels),
            topics=[gcp.secretmanager.SecretTopicArgs(name=rotation.topic)] if rotation else None,
            rotation=_rotation(rotation) if rotation else None,
            deletion_protection=profile.protect,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=profile.protect,
                depends_on=args.after,
                # Secret Manager moves it on each time.
                ignore_changes=["rotation.nextRotationTime"] if rotation else None,
            ),
        )
        self._created.append(secret)
        return secret

    def _grant(self, key: str, secret_id: pulumi.Input[str], what: str, role: str, members: Sequence[str]) -> None:
        for member in members:
            grant = gcp.secretmanager.SecretIamMember(
                f"{self._name}-{key}-{what}-{member}",
                secret_id=secret_id,
                role=role,
                member=member,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self._created.append(grant)


def _rotation(rotation: GcpSecretRotation) -> gcp.secretmanager.SecretRotationArgs:
    return gcp.secretmanager.SecretRotationArgs(
        next_rotation_time=rotation.first, rotation_period=f"{rotation.period_days * _DAY_SECONDS}s"
    )


def store_ref(names: GcpNames) -> StoreRef:
    """The environment's secret manager."""
    return StoreRef(backend="gcpsm", settings={"projectID": names.project_id})


def canary_ref(names: GcpNames, canary: str) -> CanaryRef:
    """The container for the first sync. `Merge` keeps its labels."""
    return CanaryRef(
        remote_key=names.secret_name(canary),
        push_metadata={
            "apiVersion": "kubernetes.external-secrets.io/v1alpha1",
            "kind": "PushSecretMetadata",
            "spec": {"mergePolicy": "Merge"},
        },
        update_policy="Replace",
    )


def _replication(keys: Mapping[str, KeyRef]) -> gcp.secretmanager.SecretReplicationArgs:
    if GLOBAL in keys:
        encryption = gcp.secretmanager.SecretReplicationAutoCustomerManagedEncryptionArgs(kms_key_name=keys[GLOBAL].id)
        return gcp.secretmanager.SecretReplicationArgs(
            auto=gcp.secretmanager.SecretReplicationAutoArgs(customer_managed_encryption=encryption)
        )
    replicas = [
        gcp.secretmanager.SecretReplicationUserManagedReplicaArgs(
            location=location,
            customer_managed_encryption=gcp.secretmanager.SecretReplicationUserManagedReplicaCustomerManagedEncryptionArgs(
                kms_key_name=key.id
            ),
        )
        for location, key in keys.items()
    ]
    return gcp.secretmanager.SecretReplicationArgs(
        user_managed=gcp.secretmanager.SecretReplicationUserManagedArgs(replicas=replicas)
    )
