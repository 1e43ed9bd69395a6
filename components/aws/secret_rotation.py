"""Rotation by Secrets Manager itself: it calls a function of yours on a schedule."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import KeyRef
from ..forms import SECRET_NAME, TENANTS_FOLDER
from .forms import FUNCTION_ARN, ROLE_ARN, ROTATION_SCHEDULE, SECRET_NAME_END, Arn
from .names import AwsNames
from .policies import rotation_policy
from .statements import to_json


@dataclass(frozen=True, kw_only=True)
class AwsSecretRotationArgs(Arguments):
    """Arguments of AwsSecretRotation.

    names: the environment's names.
    secret: the container's name below the environment's prefix, not under `tenants/`.
    secret_arn: its ARN, an output of AwsSecretStore (`secret_arns`); that of another secret is refused.
    key: the key that encrypts it.
    function_arn: the ARN of your function, without a version; it is in the environment's account and region.
    function_role_arn: the ARN of the role that it runs as.
    schedule: when, as `rate(30 days)` or `cron(0 3 1 * ? *)`, in UTC; default rate(30 days).
    window_hours: for how long after that moment a rotation may begin; hours, 1 to 24; default Secrets Manager's own.
    rotate_immediately: whether it also rotates as soon as this is made; default false.
    after: what must be there before, such as the store's gates; default none.
    """

    names: AwsNames
    secret: str
    secret_arn: pulumi.Input[str]
    key: KeyRef
    function_arn: str
    function_role_arn: str
    schedule: str = "rate(30 days)"
    window_hours: int | None = None
    rotate_immediately: bool = False
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("secret", self.secret, SECRET_NAME, SECRET_NAME_END)
        self.require(
            not self.secret.startswith(TENANTS_FOLDER),
            "secret",
            "lies among the tenants' containers, which are under another key",
            "rotate it by the tenant's own means",
        )
        if isinstance(self.secret_arn, str):
            self.own_secret(self.secret_arn)
        self.require_form("function_arn", self.function_arn, FUNCTION_ARN)
        self.require_form("function_role_arn", self.function_role_arn, ROLE_ARN)
        self.require_form("schedule", self.schedule, ROTATION_SCHEDULE)
        self.require(
            self.window_hours is None or 1 <= self.window_hours <= 24,
            "window_hours",
            "is not from 1 to 24",
            "leave it out for Secrets Manager's own",
        )
        for field_name in ("function_arn", "function_role_arn"):
            arn = Arn.parse(getattr(self, field_name))
            self.require(
                arn is not None and arn.lies_in(self.names.account_id, self.names.region),
                field_name,
                "belongs to another account or region than the secret",
                "name one of the environment's own",
            )

    def own_secret(self, arn: str) -> str:
        """The ARN itself, if it is that of `secret`. Raises ConfigError for any other."""
        self.require(
            self.names.is_secret(arn, self.secret),
            "secret_arn",
            "is not that of `secret` in this environment, and the function would get another secret's values",
            "give AwsSecretStore.secret_arns[…] of this name; of an adopted container its name in the manager",
        )
        return arn


class AwsSecretRotation(pulumi.ComponentResource):
    """A container that Secrets Manager rotates by a function of yours.

    Creates:
    - the permission that lets Secrets Manager call the function, for this one secret only;
    - the inline policy `rotate-<environment>-<secret>` of the function's role: read, write and promote versions of this
      one secret, and use its key for nothing else;
    - the schedule (`SecretRotation`).

    Two things stand elsewhere, since they belong to the container and the key: name the function's role among the
    container's `readers`, and among the environment's `writers`.

    Nothing waits for workloads: the operator reads the new value at its next refresh, and `restart_annotations` with
    RELOADER has pods restarted for it.

    Outputs:
    - `gates`: everything that was created.

    Raises ConfigError for names, ARNs or times that cannot work.
    Sources: Secrets Manager User Guide, "Lambda rotation function execution role permissions" and "Schedule
    expressions"; AWS Lambda, "Using resource-based policies".
    """

    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsSecretRotationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsSecretRotation", name, None, opts)
        children = pulumi.ResourceOptions(parent=self, depends_on=args.after)
        secret_arn = pulumi.Output.from_input(args.secret_arn).apply(args.own_secret)
        permission = aws.lambda_.Permission(
            f"{name}-permission",
            action="lambda:InvokeFunction",
            function=args.function_arn,
            principal="secretsmanager.amazonaws.com",
            source_account=args.names.account_id,
            source_arn=secret_arn,
            opts=children,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name=f"rotate-{args.names.environment}-{args.secret.replace('/', '-')}",
            role=args.function_role_arn.rsplit("/", 1)[-1],
            policy=pulumi.Output.all(secret_arn, args.key.id).apply(
                lambda arns: to_json(rotation_policy(args.names, secret_arn=arns[0], key_arn=arns[1]))
            ),
            opts=children,
        )
        rotation = aws.secretsmanager.SecretRotation(
            f"{name}-rotation",
            secret_id=secret_arn,
            rotation_lambda_arn=args.function_arn,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                schedule_expression=args.schedule,
                duration=None if args.window_hours is None else f"{args.window_hours}h",
            ),
            rotate_immediately=args.rotate_immediately,
            # Secrets Manager tries the function when it gets the schedule.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, policy]),
        )
        self.gates = [permission, policy, rotation]
        self.register_outputs({"schedule": args.schedule})
