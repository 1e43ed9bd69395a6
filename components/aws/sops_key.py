"""The KMS key of one environment's SOPS files: who may write and open them, and in whose name they are encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import KeyRef
from ..deletion import DeletionProfile
from .forms import PRINCIPAL_ARN, Arn
from .names import AwsNames
from .policies import sops_key_policy
from .statements import to_json

_ROLE = "sops"


@dataclass(frozen=True, kw_only=True)
class AwsSopsKeyArgs(Arguments):
    """Arguments of AwsSopsKey. Raises ConfigError for principals of other accounts, and for administrators who use it.

    names: the environment's names.
    administrators: ARNs of roles and users who manage the key and cannot use it; at least one.
    editors: ARNs of roles and users who encrypt and open files: who writes them, and who runs `sops updatekeys`.
    appliers: ARNs of roles and users who only open them, such as the pipeline that runs `sops apply`; default none.
    deletion_profile: what a destroy does; DURABLE protects the key; default DURABLE.
    rotation_days: time between rotations of the key material; days, 90 to 2560; default 365.
    """

    names: AwsNames
    administrators: Sequence[str]
    editors: Sequence[str]
    appliers: Sequence[str] = ()
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    rotation_days: int = 365

    def __post_init__(self) -> None:
        self.require(90 <= self.rotation_days <= 2560, "rotation_days", "is not from 90 to 2560 days", "365 is usual")
        for name in ("administrators", "editors", "appliers"):
            principals: Sequence[str] = getattr(self, name)
            self.require(bool(principals) or name == "appliers", name, "is empty", "name at least one")
            for index, text in enumerate(principals):
                self.require_form(f"{name}.{index}", text, PRINCIPAL_ARN)
                arn = Arn.parse(text)
                self.require(
                    arn is not None and arn.lies_in(self.names.account_id, self.names.region),
                    f"{name}.{index}",
                    "lies in another account or partition than the environment",
                    "name one of this environment's",
                )
                self.require(
                    name == "administrators" or text not in self.administrators,
                    f"{name}.{index}",
                    "administers the key too, and whoever does that is not to use it",
                    "name two different roles",
                )


class AwsSopsKey(pulumi.ComponentResource):
    """The KMS key for the SOPS files of one environment. The environment's other keys do not do: they admit services.

    Creates:
    - a symmetric key with rotation and a key policy that delegates nothing to the account's IAM;
    - the alias `alias/<prefix>/<environment>/sops`, for people: SOPS is given the ARN.

    Files are opened only with the encryption context `environment: <environment>`, which the generated `.sops.yaml`
    has. A file of another environment that names this key can neither be made nor opened.

    Outputs:
    - `key`: the key (KeyRef), for `sops-recipients.yaml`.
    - `gates`: the key and its alias.

    Raises ConfigError for principals of other accounts, for administrators who use the key, and for periods that cannot
    work.
    Sources: KMS Developer Guide, "Key policies", "Encryption context"; getsops/sops v3.13.3, `kms/keysource.go`
    (`Encrypt` and `Decrypt`, no other call).
    """

    key: KeyRef
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsSopsKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsSopsKey", name, None, opts)
        names, profile = args.names, args.deletion_profile
        policy = sops_key_policy(
            names, administrators=args.administrators, editors=args.editors, appliers=args.appliers
        )
        key = aws.kms.Key(
            f"{name}-key",
            description=f"{names.prefix} {names.environment}: SOPS files",
            policy=to_json(policy),
            enable_key_rotation=True,
            rotation_period_in_days=args.rotation_days,
            deletion_window_in_days=profile.key_window_days,
            tags=names.tags(**{"secrets-bootstrap/key": _ROLE}),
            opts=pulumi.ResourceOptions(parent=self, protect=profile.protect),
        )
        alias = aws.kms.Alias(
            f"{name}-alias",
            name=names.alias(_ROLE),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.key = KeyRef(id=key.arn)
        self.gates = [key, alias]
        self.register_outputs({"keyArn": key.arn})
