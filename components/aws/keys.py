"""The keys of one environment. It does not own who uses them: that is in `policies.py` and in the roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import KeyRef
from ..deletion import DeletionProfile
from .forms import KEY_ARN, Arn
from .names import AwsNames
from .statements import Document, to_json

KeyRole = Literal["secrets", "etcd", "tenants"]
KEY_ROLES: tuple[KeyRole, ...] = get_args(KeyRole)
_DESCRIPTIONS: Mapping[KeyRole, str] = {
    "secrets": "Secrets Manager containers",
    "etcd": "Kubernetes Secrets in etcd",
    "tenants": "tenants' containers in Secrets Manager",
}


@dataclass(frozen=True, kw_only=True)
class AwsEnvironmentKeysArgs(Arguments):
    """Arguments of AwsEnvironmentKeys.

    names: the environment's names.
    policies: the key policy by role (`secrets`, `etcd`, `tenants`), for each key that is created.
    deletion_profile: what a destroy does; DURABLE protects the keys; default DURABLE.
    rotation_days: time between rotations of the key material; days, 90 to 2560; default 365.
    deletion_window_days: time from deletion until it is final; days, 7 to 30; default the profile's.
    existing: ARNs of keys to adopt, by role; their policies and rotation stay as they are; default none.
    """

    names: AwsNames
    policies: Mapping[KeyRole, Document]
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    rotation_days: int = 365
    deletion_window_days: int | None = None
    existing: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.require(90 <= self.rotation_days <= 2560, "rotation_days", "is not from 90 to 2560 days", "365 is usual")
        window = self.deletion_window_days
        self.require(
            window is None or 7 <= window <= 30, "deletion_window_days", "is not from 7 to 30 days", "choose 7 to 30"
        )
        for group, roles in (("existing", self.existing), ("policies", self.policies)):
            for role in roles:
                self.require(role in KEY_ROLES, f"{group}.{role}", "is not a key's role", f"use {', '.join(KEY_ROLES)}")
        for role, text in self.existing.items():
            self.require_form(f"existing.{role}", text, KEY_ARN)
            arn = Arn.parse(text)
            self.require(
                arn is not None and arn.lies_in(self.names.account_id, self.names.region),
                f"existing.{role}",
                "lies in another account, partition or region than the environment",
                "name one of this environment's",
            )
        distinct = set(self.existing.values())
        self.require(
            len(distinct) == len(self.existing), "existing", "names one key twice", "give each role a key of its own"
        )
        for role in KEY_ROLES:
            if role not in self.existing:
                self.require(
                    role in self.policies, f"policies.{role}", "is missing", "give the key's policy or adopt a key"
                )


class AwsEnvironmentKeys(pulumi.ComponentResource):
    """Three KMS keys of one environment, or the ones that are adopted.

    Creates for each role that is not adopted:
    - a symmetric key with rotation and a key policy that delegates nothing to the account's IAM;
    - the alias `alias/<prefix>/<environment>/<role>`.

    Outputs:
    - `secrets`, `etcd`, `tenants`: the keys (KeyRef).
    - `gates`: the keys and aliases that were created.

    Raises ConfigError for windows, roles or ARNs that cannot work.
    Sources: KMS Developer Guide, "Key policies"; KMS API Reference, `EnableKeyRotation` (90 to 2560 days) and
    `ScheduleKeyDeletion` (7 to 30 days).
    """

    secrets: KeyRef
    etcd: KeyRef
    tenants: KeyRef
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsEnvironmentKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsEnvironmentKeys", name, None, opts)
        self._name, self._args = name, args
        created: list[pulumi.Resource] = []
        self.secrets = self._key("secrets", created)
        self.etcd = self._key("etcd", created)
        self.tenants = self._key("tenants", created)
        self.gates = created
        self.register_outputs(
            {"secretsKeyArn": self.secrets.id, "etcdKeyArn": self.etcd.id, "tenantsKeyArn": self.tenants.id}
        )

    def _key(self, role: KeyRole, created: list[pulumi.Resource]) -> KeyRef:
        args, names = self._args, self._args.names
        if role in args.existing:
            return KeyRef(id=args.existing[role])
        profile = args.deletion_profile
        key = aws.kms.Key(
            f"{self._name}-{role}",
            description=f"{names.prefix} {names.environment}: {_DESCRIPTIONS[role]}",
            policy=to_json(args.policies[role]),
            enable_key_rotation=True,
            rotation_period_in_days=args.rotation_days,
            deletion_window_in_days=args.deletion_window_days or profile.key_window_days,
            tags=names.tags(**{"secrets-bootstrap/key": role}),
            opts=pulumi.ResourceOptions(parent=self, protect=profile.protect),
        )
        alias = aws.kms.Alias(
            f"{self._name}-{role}-alias",
            name=names.alias(role),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        created += [key, alias]
        return KeyRef(id=key.arn)
