"""Containers in Secrets Manager. It never holds a value: containers are created empty and filled by others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import CanaryRef, KeyRef, StoreRef
from ..deletion import DeletionProfile
from ..naming import Arn, AwsNames, secret_name_fault
from .policies import secret_policy, to_json

TENANTS_FOLDER = "tenants/"


@dataclass(frozen=True, kw_only=True)
class AwsSecretSpec:
    """One container: its description, who besides the operator may read it (ARNs), or the ARN of one to adopt."""

    description: str | None = None
    readers: Sequence[str] = ()
    existing_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class AwsSecretStoreArgs(Arguments):
    """Arguments of AwsSecretStore.

    names: the environment's names; every container is called `<prefix>/<environment>/<key of the mapping>`.
    secrets_key, tenants_key: keys that encrypt the containers; those under `tenants/` take the tenants' key.
    canary: name of the container for the first sync.
    secrets: the other containers by name. Default none.
    deletion_profile: `durable` protects the containers. Default durable.
    recovery_days: days that a deleted container can be restored, 0 or 7 to 30. Default: the profile's.
    """

    names: AwsNames
    secrets_key: KeyRef
    tenants_key: KeyRef
    canary: str = "canary"
    secrets: Mapping[str, AwsSecretSpec] = field(default_factory=dict[str, AwsSecretSpec])
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    recovery_days: int | None = None

    def __post_init__(self) -> None:
        days = self.recovery_days
        self.require(
            days is None or days == 0 or 7 <= days <= 30,
            "recovery_days",
            "is neither 0 nor 7 to 30",
            "choose 0 or 7 to 30",
        )
        self.require(
            self.canary not in self.secrets, f"secrets.{self.canary}", "is the canary's container", "remove it"
        )
        for name in (self.canary, *self.secrets):
            wrong = secret_name_fault(name)
            self.require(
                wrong is None, f"secrets.{name}", f"the name {wrong}", "choose a name such as database/password"
            )
        for name, spec in self.secrets.items():
            arn = Arn.parse(spec.existing_arn) if spec.existing_arn else None
            self.require(
                spec.existing_arn is None or (arn is not None and arn.service == "secretsmanager"),
                f"secrets.{name}.existing_arn",
                "is not the ARN of a secret",
                "write it as arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX",
            )


class AwsSecretStore(pulumi.ComponentResource):
    """The environment's containers in Secrets Manager.

    Creates for each name an empty `Secret` under a customer managed key and a `SecretPolicy` that denies the value to
    everybody but the
    operator and the named readers, with public policies blocked. The canary has no policy of its own: the PushSecret
    that fills it
    removes any (external-secrets v0.20.4, `manageResourcePolicy`); its key still admits nobody else.
    Outputs: `store` (StoreRef), `canary` (CanaryRef), `secret_arns` and `secret_ids` by name, `gates`.
    Raises ConfigError for names, windows or ARNs that cannot work.
    Sources: Secrets Manager API Reference, `DeleteSecret` (0 or 7 to 30 days), `PutResourcePolicy`
    (`BlockPublicPolicy`).
    """

    store: StoreRef
    canary: CanaryRef
    secret_arns: Mapping[str, pulumi.Input[str]]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsSecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsSecretStore", name, None, opts)
        self._name, self._args = name, args
        created: list[pulumi.Resource] = []
        # external-secrets writes only what carries this tag, and removes tags that its PushSecret does not repeat.
        canary_tags = args.names.tags()
        canary = self._container(
            args.canary, AwsSecretSpec(description="First sync"), {"managed-by": "external-secrets"}
        )
        arns: dict[str, pulumi.Input[str]] = {args.canary: canary.arn}
        created.append(canary)
        for key, spec in args.secrets.items():
            if spec.existing_arn is not None:
                arns[key] = spec.existing_arn
                continue
            secret = self._container(key, spec, {})
            created += [secret, self._policy(key, secret, spec)]
            arns[key] = secret.arn
        self.store = StoreRef(backend="aws", settings={"service": "SecretsManager", "region": args.names.region})
        self.canary = CanaryRef(
            remote_key=args.names.secret_name(args.canary),
            push_metadata={
                "apiVersion": "kubernetes.external-secrets.io/v1alpha1",
                "kind": "PushSecretMetadata",
                "spec": {"secretPushFormat": "string", "tags": canary_tags},
            },
        )
        self.secret_arns, self.gates = arns, created
        self.register_outputs({"secretPrefix": args.names.secret_prefix, "secretArns": arns})

    def _container(self, key: str, spec: AwsSecretSpec, tags: Mapping[str, str]) -> aws.secretsmanager.Secret:
        args = self._args
        profile, days = args.deletion_profile, args.recovery_days
        return aws.secretsmanager.Secret(
            f"{self._name}-{key}",
            name=args.names.secret_name(key),
            description=spec.description,
            kms_key_id=(args.tenants_key if key.startswith(TENANTS_FOLDER) else args.secrets_key).id,
            recovery_window_in_days=profile.recovery_days if days is None else days,
            tags=args.names.tags(**tags),
            opts=pulumi.ResourceOptions(parent=self, protect=profile.protect),
        )

    def _policy(
        self, key: str, secret: aws.secretsmanager.Secret, spec: AwsSecretSpec
    ) -> aws.secretsmanager.SecretPolicy:
        return aws.secretsmanager.SecretPolicy(
            f"{self._name}-{key}-policy",
            secret_arn=secret.arn,
            policy=to_json(secret_policy(self._args.names, readers=spec.readers)),
            block_public_policy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
