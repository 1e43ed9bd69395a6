"""The keys of one environment. It does not own who uses them: that is in policies of whoever does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import pulumi
import pulumi_vault as vault

from ..arguments import Arguments
from ..contracts import KeyRef
from ..deletion import DeletionProfile
from .forms import KEY_ID
from .names import VaultNames

KeyRole = Literal["secrets", "etcd", "tenants"]
KEY_ROLES: tuple[KeyRole, ...] = get_args(KeyRole)
_SECONDS_A_DAY = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class VaultEnvironmentKeysArgs(Arguments):
    """Arguments of VaultEnvironmentKeys.

    names: the environment's names.
    deletion_profile: what a destroy does; DURABLE protects the keys, and Vault refuses to delete them; default DURABLE.
    rotation_days: time between new versions of a key; days, 1 to 3650; default 365.
    existing: keys to adopt, by role, each as `<mount>/keys/<name>`; their rotation stays as it is; default none.
    """

    names: VaultNames
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    rotation_days: int = 365
    existing: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.require(1 <= self.rotation_days <= 3650, "rotation_days", "is not from 1 to 3650 days", "365 is usual")
        for role, key in self.existing.items():
            self.require(role in KEY_ROLES, f"existing.{role}", "is not a key's role", f"use {', '.join(KEY_ROLES)}")
            self.require_form(f"existing.{role}", key, KEY_ID)
        distinct = set(self.existing.values())
        self.require(
            len(distinct) == len(self.existing), "existing", "names one key twice", "give each role a key of its own"
        )


class VaultEnvironmentKeys(pulumi.ComponentResource):
    """Three keys of one environment in Vault's transit engine, or the ones that are adopted.

    Vault encrypts the containers of its kv engine by its own barrier, with a key that no mount has a say in. So
    `secrets` is for what lies outside Vault, such as files of SOPS; `tenants` is for the tenants' own; and `etcd` is
    for the cluster's Secrets.

    Creates for the roles that are not adopted:
    - the transit mount `<prefix>/<environment>/transit`, if there is any such role;
    - a symmetric key for each, which rotates by itself and never leaves Vault, neither by export nor by backup.

    Outputs:
    - `secrets`, `etcd`, `tenants`: the keys (KeyRef).
    - `gates`: the mount and the keys that were created.

    Vault keeps no deleted key or mount for later. DURABLE protects both from Pulumi, and Vault itself refuses to
    delete the keys (`deletion_allowed`); whoever may unmount the engine still takes them all.

    Raises ConfigError for periods, roles or keys that cannot work.
    Sources: Vault, "Transit secrets engine (API)" (`auto_rotate_period`, at least an hour; `exportable`;
    `allow_plaintext_backup`; `deletion_allowed`).
    """

    secrets: KeyRef
    etcd: KeyRef
    tenants: KeyRef
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultEnvironmentKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultEnvironmentKeys", name, None, opts)
        self._args, protect = args, args.deletion_profile.protect
        created: list[pulumi.Resource] = []
        if set(args.existing) != set(KEY_ROLES):
            mount = vault.Mount(
                f"{name}-transit",
                path=args.names.mount("transit"),
                type="transit",
                description=args.names.description,
                opts=pulumi.ResourceOptions(parent=self, protect=protect),
            )
            created.append(mount)
            created += [self._key(f"{name}-{role}", mount, role) for role in KEY_ROLES if role not in args.existing]
        self.secrets, self.etcd, self.tenants = (self._reference(role) for role in KEY_ROLES)
        self.gates = created
        self.register_outputs(
            {"secretsKeyId": self.secrets.id, "etcdKeyId": self.etcd.id, "tenantsKeyId": self.tenants.id}
        )

    def _key(self, name: str, mount: vault.Mount, role: KeyRole) -> vault.transit.SecretBackendKey:
        profile = self._args.deletion_profile
        return vault.transit.SecretBackendKey(
            name,
            backend=mount.path,
            name=role,
            type="aes256-gcm96",
            exportable=False,
            allow_plaintext_backup=False,
            auto_rotate_period=self._args.rotation_days * _SECONDS_A_DAY,
            deletion_allowed=not profile.protect,
            opts=pulumi.ResourceOptions(parent=self, protect=profile.protect),
        )

    def _reference(self, role: KeyRole) -> KeyRef:
        return KeyRef(id=self._args.existing.get(role, f"{self._args.names.mount('transit')}/keys/{role}"))
