"""The tenants' keys of one environment in Cloud KMS, and who may use and who may manage them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..contracts import KeyRef
from ..deletion import DeletionProfile
from ..forms import TENANT_NAME
from ..tenants.names import tenant_key_name
from .forms import KEY_NAME, MEMBER
from .names import GcpNames
from .roles import ENCRYPTER_DECRYPTER, KEY_ADMIN

_DAY_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class GcpTenantKeysArgs(Arguments):
    """Arguments of GcpTenantKeys.

    names: the environment's names.
    tenants_key: one of the environment's keys `tenants`; the tenants' keys lie beside it, in the same ring.
    tenants: the IAM members that work for each tenant, by the tenant's name; names.principal(…) gives that of a service
        account of Kubernetes. Names are lower case, up to 48 characters.
    administrators: IAM members who rotate and shred the tenants' keys and cannot use them; at least one.
    rotation_days: time between rotations; days, 1 to 36500; default 90.
    deletion_window_days: time from the destruction of a key's version until it is gone; days, 1 to 120; it is set when
        a key is created and cannot change; default the profile's.
    deletion_profile: what a destroy does with the keys, see GcpTenantKeys; default DURABLE.
    """

    names: GcpNames
    tenants_key: KeyRef
    tenants: Mapping[str, Sequence[str]]
    administrators: Sequence[str]
    rotation_days: int = 90
    deletion_window_days: int | None = None
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE

    def __post_init__(self) -> None:
        window = self.deletion_window_days
        self.require_form("tenants_key", self.tenants_key.id, KEY_NAME)
        for tenant, members in self.tenants.items():
            self.require_form(f"tenants.{tenant}", tenant, TENANT_NAME)
            self._require_members(f"tenants.{tenant}", members)
        self._require_members("administrators", self.administrators)
        self.require(1 <= self.rotation_days <= 36500, "rotation_days", "is not from 1 to 36500 days", "90 is usual")
        self.require(
            window is None or 1 <= window <= 120, "deletion_window_days", "is not from 1 to 120 days", "choose 1 to 120"
        )
        for tenant, members in self.tenants.items():
            self.require(
                not set(members) & set(self.administrators),
                f"tenants.{tenant}",
                "has a member that is an administrator too, who would then use the keys that he manages",
                "name another one",
            )

    def _require_members(self, field: str, members: Sequence[str]) -> None:
        self.require(bool(members), field, "is empty", "name an IAM member")
        for index, member in enumerate(members):
            self.require_form(f"{field}.{index}", member, MEMBER)


class GcpTenantKeys(pulumi.ComponentResource):
    """Keys of an environment's tenants in Cloud KMS: a tenant's key → a working key → a key for each message.

    Creates for each tenant:
    - the crypto key `tenant-<tenant>` in the environment's ring, with rotation;
    - for each of its members the leave to encrypt and decrypt with this one key;
    - for each administrator the leave to manage this one key, which can neither encrypt nor decrypt.

    Pulumi destroys no tenant's key of a DURABLE environment: a tenant that is taken out loses its grants, and its key
    stays until an administrator shreds it. EPHEMERAL destroys its versions. Google keeps the name of a key for ever, so
    a tenant that comes back needs another one, or its key is imported.

    Outputs:
    - `key_ring`: the ring, for the application's GcpKeyStore.
    - `gates`: everything that was created.

    Raises ConfigError for tenants, members or times that cannot work.
    Sources: Cloud KMS, "Permissions and roles", "Destroy and restore key versions" and API Reference, `CryptoKey`.
    """

    key_ring: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpTenantKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpTenantKeys", name, None, opts)
        self._name, self._args = name, args
        ring = pulumi.Output.from_input(args.tenants_key.id).apply(lambda key: key.rpartition("/cryptoKeys/")[0])
        self.key_ring = ring
        self.gates = [
            one
            for tenant, members in args.tenants.items()
            for one in self._tenant(f"{name}-tenant-{tenant}", tenant, members)
        ]
        self.register_outputs({"keyRing": ring})

    def _tenant(self, name: str, tenant: str, members: Sequence[str]) -> list[pulumi.Resource]:
        args, profile = self._args, self._args.deletion_profile
        window_days = args.deletion_window_days or profile.google_key_window_days
        key = gcp.kms.CryptoKey(
            name,
            name=tenant_key_name(tenant),
            key_ring=self.key_ring,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{args.rotation_days * _DAY_SECONDS}s",
            destroy_scheduled_duration=f"{window_days * _DAY_SECONDS}s",
            labels=args.names.labels(**{"secrets-bootstrap-key": tenant_key_name(tenant)}),
            opts=pulumi.ResourceOptions(
                parent=self, retain_on_delete=profile.protect, ignore_changes=["destroyScheduledDuration"]
            ),
        )
        grants = [(f"user-{member}", ENCRYPTER_DECRYPTER, member) for member in members]
        grants += [(f"admin-{member}", KEY_ADMIN, member) for member in args.administrators]
        return [
            key,
            *(
                gcp.kms.CryptoKeyIAMMember(
                    f"{name}-{what}",
                    crypto_key_id=key.id,
                    role=role,
                    member=member,
                    opts=pulumi.ResourceOptions(parent=self),
                )
                for what, role, member in grants
            ),
        ]
