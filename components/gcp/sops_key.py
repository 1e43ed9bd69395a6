"""The Cloud KMS key of one environment's SOPS files: who may write and who may open them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..contracts import KeyRef
from ..deletion import DeletionProfile
from .forms import MEMBER
from .names import GcpNames
from .roles import DECRYPTER, ENCRYPTER_DECRYPTER, KEY_ADMIN

_ROLE = "sops"
_DAY_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class GcpSopsKeyArgs(Arguments):
    """Arguments of GcpSopsKey. Raises ConfigError for members that are not one principal, and for administrators who
    use the key.

    names: the environment's names; the key lies in their region.
    administrators: IAM members who manage the key and cannot use it; at least one.
    editors: IAM members who encrypt and open files: who writes them, and who runs `sops updatekeys`; at least one.
    appliers: IAM members who only open them, such as the pipeline that runs `sops apply`; default none.
    deletion_profile: what a destroy does; DURABLE protects the key; default DURABLE.
    rotation_days: time between rotations; days, 1 to 36500; default 90.
    """

    names: GcpNames
    administrators: Sequence[str]
    editors: Sequence[str]
    appliers: Sequence[str] = ()
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    rotation_days: int = 90

    def __post_init__(self) -> None:
        self.require(1 <= self.rotation_days <= 36500, "rotation_days", "is not from 1 to 36500 days", "90 is usual")
        for name in ("administrators", "editors", "appliers"):
            members: Sequence[str] = getattr(self, name)
            self.require(bool(members) or name == "appliers", name, "is empty", "name at least one")
            for index, member in enumerate(members):
                self.require_form(f"{name}.{index}", member, MEMBER)
                self.require(
                    name == "administrators" or member not in self.administrators,
                    f"{name}.{index}",
                    "administers the key too, and whoever does that is not to use it",
                    "name two different members",
                )


class GcpSopsKey(pulumi.ComponentResource):
    """The Cloud KMS key for the SOPS files of one environment. It depends on nothing else of the environment.

    Creates:
    - the key ring `<prefix>-<environment>-sops`, with the names' suffix before its end; it stays when the key goes,
      since Google deletes no ring;
    - in it the crypto key `sops`, with rotation: files go on opening, by the version that they were encrypted with;
    - on this key alone a grant for each member: administrators manage it and can neither encrypt nor decrypt, editors
      encrypt and decrypt, appliers decrypt.

    SOPS gives Cloud KMS no context, so the key and its grants alone keep environments apart. A role that somebody holds
    on the whole project holds for this key too.

    Outputs:
    - `key`: the key (KeyRef); its id goes into `sops-recipients.yaml`.
    - `gates`: everything that was created.

    Raises ConfigError for members and days that cannot work, and for administrators who use the key.
    Sources: Cloud KMS, "Permissions and roles", "Cloud KMS resources" (rings cannot be deleted); getsops/sops v3.13.3,
    `gcpkms/keysource.go` (`Encrypt` and `Decrypt`, no other call).
    """

    key: KeyRef
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpSopsKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpSopsKey", name, None, opts)
        names, profile = args.names, args.deletion_profile
        ring = gcp.kms.KeyRing(
            f"{name}-ring",
            name=f"{names.key_ring}-{_ROLE}",
            location=names.location,
            project=names.project_id,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        key = gcp.kms.CryptoKey(
            f"{name}-key",
            name=_ROLE,
            key_ring=ring.id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{args.rotation_days * _DAY_SECONDS}s",
            destroy_scheduled_duration=f"{profile.google_key_window_days * _DAY_SECONDS}s",
            labels=names.labels(**{"secrets-bootstrap-key": _ROLE}),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=profile.protect,
                # It cannot change, and a key of the same name cannot take the old one's place.
                ignore_changes=["destroyScheduledDuration"],
            ),
        )
        wanted = [
            *((f"admin-{member}", KEY_ADMIN, member) for member in args.administrators),
            *((f"editor-{member}", ENCRYPTER_DECRYPTER, member) for member in args.editors),
            *((f"applier-{member}", DECRYPTER, member) for member in args.appliers),
        ]
        grants = [
            gcp.kms.CryptoKeyIAMMember(
                f"{name}-{what}",
                crypto_key_id=key.id,
                role=role,
                member=member,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for what, role, member in wanted
        ]
        self.key = KeyRef(id=key.id)
        self.gates = [ring, key, *grants]
        self.register_outputs({"keyName": key.id})
