"""The keys of one environment. It does not own who uses them, only who administers them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import pulumi
from pulumi_azure_native import keyvault

from ..arguments import Arguments
from ..contracts import KeyRef
from ..deletion import DeletionProfile
from .forms import KEY_ID, KEY_VERSION_ID, OBJECT_ID, PrincipalType, ResourceId
from .names import AzureNames, vault_url
from .roles import AzureRole, role_assignment
from .vault import key_vault

KeyRole = Literal["secrets", "etcd", "tenants"]
KEY_ROLES: tuple[KeyRole, ...] = get_args(KeyRole)
_ENCRYPT = ("encrypt", "decrypt")


@dataclass(frozen=True, kw_only=True)
class AzureEnvironmentKeysArgs(Arguments):
    """Arguments of AzureEnvironmentKeys.

    names: the environment's names.
    administrators: who manages the keys, by object id, each with what it is (Group, ServicePrincipal or User); default
        none.
    deletion_profile: what a destroy does; DURABLE protects the vault and its keys; default DURABLE.
    rotation_days: time between new versions of the keys for secrets and tenants; days, 7 to 2560; default 365.
    existing: resource ids of keys to adopt, by role (`secrets`, `etcd`, `tenants`), that of etcd with its version;
        their rotation stays as it is; default none.
    """

    names: AzureNames
    administrators: Mapping[str, PrincipalType] = field(default_factory=dict[str, PrincipalType])
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    rotation_days: int = 365
    existing: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.require(7 <= self.rotation_days <= 2560, "rotation_days", "is not from 7 to 2560 days", "365 is usual")
        for who in self.administrators:
            self.require_form(f"administrators.{who}", who, OBJECT_ID)
        for role, text in self.existing.items():
            self.require(role in KEY_ROLES, f"existing.{role}", "is not a key's role", f"use {', '.join(KEY_ROLES)}")
            self.require_form(f"existing.{role}", text, KEY_VERSION_ID if role == "etcd" else KEY_ID)
            self.require(
                ResourceId.of(text).subscription_id == self.names.subscription_id,
                f"existing.{role}",
                "lies in another subscription than the environment",
                "name one of this environment's",
            )
        distinct = {text.partition("/versions/")[0] for text in self.existing.values()}
        self.require(
            len(distinct) == len(self.existing), "existing", "names one key twice", "give each role a key of its own"
        )


class AzureEnvironmentKeys(pulumi.ComponentResource):
    """Three keys of one environment in a Key Vault of their own, or the ones that are adopted.

    Creates, unless all three are adopted:
    - the vault for keys, by roles alone, open to all networks: the KMS plugin of AKS reaches no vault with a firewall;
    - for each role that is not adopted an RSA key that cannot be exported;
    - for each administrator the role Key Vault Crypto Officer on this vault.

    The keys for secrets and tenants get a new version every `rotation_days`; old versions stay valid, since what they
    encrypted names them. The key of etcd is never rotated by itself: AKS encrypts with one version, and every Secret
    has to be written again after a change.

    Outputs:
    - `secrets`, `etcd`, `tenants`: the keys; that of etcd with its version, the others without (KeyRef).
    - `etcd_id`: the resource id of etcd's key, for grants.
    - `vault_id`: the resource id of the vault; None if all keys are adopted.
    - `gates`: everything that was created.

    Raises ConfigError for days, roles or ids that cannot work.
    Sources: Azure Key Vault, "Configure cryptographic key auto-rotation" (7 days at least); AKS, "Add Key Management
    Service etcd encryption" (a public vault, a version of the key, roles).
    """

    secrets: KeyRef
    etcd: KeyRef
    tenants: KeyRef
    etcd_id: str
    vault_id: str | None
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureEnvironmentKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureEnvironmentKeys", name, None, opts)
        self._name, self._args = name, args
        names = args.names
        created: list[pulumi.Resource] = []
        if not args.existing.keys() >= set(KEY_ROLES):
            vault = key_vault(
                f"{name}-vault",
                names=names,
                vault=names.keys_vault,
                profile=args.deletion_profile,
                network=None,
                opts=pulumi.ResourceOptions(parent=self),
            )
            created += [vault, *self._administration(vault)]
        self.vault_id = names.vault_id(names.keys_vault) if created else None
        self.secrets = self._key("secrets", created)
        self.etcd = self._key("etcd", created)
        self.tenants = self._key("tenants", created)
        adopted = args.existing.get("etcd", "").partition("/versions/")[0]
        self.etcd_id = adopted or f"{names.vault_id(names.keys_vault)}/keys/etcd"
        self.gates = created
        self.register_outputs(
            {"secretsKeyUrl": self.secrets.id, "etcdKeyUrl": self.etcd.id, "tenantsKeyUrl": self.tenants.id}
        )

    def _administration(self, vault: keyvault.Vault) -> list[pulumi.Resource]:
        names = self._args.names
        return [
            role_assignment(
                f"{self._name}-administrator-{who}",
                role=AzureRole.KEY_VAULT_CRYPTO_OFFICER,
                scope=names.vault_id(names.keys_vault),
                principal_id=who,
                principal_type=kind,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[vault], deleted_with=vault),
            )
            for who, kind in self._args.administrators.items()
        ]

    def _key(self, role: KeyRole, created: list[pulumi.Resource]) -> KeyRef:
        args = self._args
        if role in args.existing:
            return KeyRef(id=_key_url(args.existing[role]))
        vault = created[0]
        key = keyvault.Key(
            f"{self._name}-{role}",
            key_name=role,
            vault_name=args.names.keys_vault,
            resource_group_name=args.names.resource_group,
            properties=keyvault.KeyPropertiesArgs(
                kty="RSA",
                key_size=3072,
                key_ops=_ENCRYPT if role == "etcd" else (*_ENCRYPT, "wrapKey", "unwrapKey"),
                attributes=keyvault.KeyAttributesArgs(enabled=True, exportable=False),
                rotation_policy=None if role == "etcd" else rotation_policy(args.rotation_days),
            ),
            tags=args.names.tags(),
            # Azure Resource Manager deletes no single key: it goes with its vault.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[vault], deleted_with=vault, protect=args.deletion_profile.protect
            ),
        )
        created.append(key)
        return KeyRef(id=key.key_uri_with_version if role == "etcd" else key.key_uri)


def rotation_policy(days: int) -> keyvault.RotationPolicyArgs:
    """A new version every so many days. No version expires: SOPS files and wrapped keys name the one they need."""
    return keyvault.RotationPolicyArgs(
        lifetime_actions=[
            keyvault.LifetimeActionArgs(
                action=keyvault.ActionArgs(type=keyvault.KeyRotationPolicyActionType.ROTATE),
                trigger=keyvault.TriggerArgs(time_after_create=f"P{days}D"),
            )
        ]
    )


def _key_url(resource_id: str) -> str:
    """The address of a key, from the resource id of the key or of one of its versions."""
    _, vault, _, key, *version = ResourceId.of(resource_id).path
    return "/".join([vault_url(vault), "keys", key, *version[1:]])
