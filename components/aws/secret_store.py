"""Containers in Secrets Manager. It never holds a value: containers are created empty and filled by others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import CanaryRef, KeyRef, StoreRef
from ..deletion import DeletionProfile
from ..forms import SECRET_NAME, TENANTS_FOLDER
from ..operator_filled import require_operator_filled
from .forms import PRINCIPAL_ARN, SECRET_ARN, SECRET_NAME_END, Arn
from .names import AwsNames
from .policies import secret_policy
from .statements import to_json


@dataclass(frozen=True, kw_only=True)
class AwsSecretSpec(Arguments):
    """One container.

    description: what it is for; default none.
    readers: ARNs of IAM roles and users of the environment's account that may read it besides the operator; the policy
        of its key has to let them decrypt it, as `key_policies` does for what the configuration names; default none.
    existing_arn: the ARN of a container to adopt; its policy stays as it is; default none.
    """

    description: str | None = None
    readers: Sequence[str] = ()
    existing_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class AwsSecretStoreArgs(Arguments):
    """Arguments of AwsSecretStore.

    names: the environment's names; every container is called `<prefix>/<environment>/<name>`.
    secrets_key: the key that encrypts the containers.
    tenants_key: the key that encrypts the containers under `tenants/`.
    canary: the name of the container for the first sync, not under `tenants/`; default canary.
    operator_filled: names of other containers that the operator fills, not under `tenants/`; default none.
    secrets: the other containers by name; default none.
    deletion_profile: what a destroy does; DURABLE protects the containers; default DURABLE.
    recovery_days: how long a deleted container can be restored; days, 0 or 7 to 30; default the profile's.
    """

    names: AwsNames
    secrets_key: KeyRef
    tenants_key: KeyRef
    canary: str = "canary"
    operator_filled: Sequence[str] = ()
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
        self.require_form("canary", self.canary, SECRET_NAME, SECRET_NAME_END)
        self.require(
            not self.canary.startswith(TENANTS_FOLDER),
            "canary",
            "lies among the tenants' containers, where the operator may write nothing",
            f"choose a name that does not begin with {TENANTS_FOLDER}",
        )
        require_operator_filled(self, self.operator_filled, {self.canary, *self.secrets}, SECRET_NAME_END)
        for name, spec in self.secrets.items():
            self.require_form(f"secrets.{name}", name, SECRET_NAME, SECRET_NAME_END)
            for index, reader in enumerate(spec.readers):
                self._require_reader(f"secrets.{name}.readers.{index}", reader)
            if spec.existing_arn is not None:
                self._require_adoptable(name, spec.existing_arn, spec)

    def _require_reader(self, field: str, reader: str) -> None:
        self.require_form(field, reader, PRINCIPAL_ARN)
        arn = Arn.parse(reader)
        self.require(
            arn is not None and arn.lies_in(self.names.account_id, self.names.region),
            field,
            "lies in another account or partition than the environment, and nobody from there is let in",
            "name a role of this account, which others may assume",
        )

    def _require_adoptable(self, name: str, arn: str, spec: AwsSecretSpec) -> None:
        self.require_form(f"secrets.{name}.existing_arn", arn, SECRET_ARN)
        self.require(
            self.names.holds_secret(arn),
            f"secrets.{name}.existing_arn",
            f"lies outside {self.names.secret_prefix}, and the operator may read nothing else",
            "adopt a container of this environment, or copy its value into a new one",
        )
        self.require(
            not spec.readers,
            f"secrets.{name}.readers",
            "has no effect on a container that is adopted: its policy stays as it is",
            "remove readers or existing_arn",
        )


class AwsSecretStore(pulumi.ComponentResource):
    """The environment's containers in Secrets Manager.

    Creates for each name that is not adopted:
    - an empty container (`Secret`) under a customer managed key;
    - a policy (`SecretPolicy`) that denies the value to all but the operator and the readers, public policies blocked.

    What the operator fills has no policy: the PushSecret that fills it removes any. Its key still admits nobody else.

    Outputs:
    - `store`: the secret manager (StoreRef).
    - `canary`: the container for the first sync (CanaryRef).
    - `secret_arns`: the containers' ARNs by name.
    - `gates`: everything that was created.

    Raises ConfigError for names, windows, readers or ARNs that cannot work.
    Sources: Secrets Manager API Reference, `DeleteSecret` (0 or 7 to 30 days) and `PutResourcePolicy`
    (`BlockPublicPolicy`); external-secrets v0.20.4, `manageResourcePolicy`.
    """

    store: StoreRef
    canary: CanaryRef
    secret_arns: Mapping[str, pulumi.Input[str]]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsSecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsSecretStore", name, None, opts)
        self._name, self._args = name, args
        created: list[pulumi.Resource] = []
        # external-secrets writes only what carries this tag.
        arns: dict[str, pulumi.Input[str]] = {}
        for key in (args.canary, *args.operator_filled):
            spec = AwsSecretSpec(description="First sync" if key == args.canary else "Filled by the operator")
            container = self._container(key, spec, {"managed-by": "external-secrets"})
            arns[key] = container.arn
            created.append(container)
        for key, spec in args.secrets.items():
            if spec.existing_arn is not None:
                arns[key] = spec.existing_arn
                continue
            secret = self._container(key, spec, {})
            created += [secret, self._policy(key, secret, spec)]
            arns[key] = secret.arn
        self.store, self.canary = store_ref(args.names), canary_ref(args.names, args.canary)
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


def store_ref(names: AwsNames) -> StoreRef:
    """The environment's secret manager."""
    return StoreRef(backend="aws", settings={"service": "SecretsManager", "region": names.region})


def canary_ref(names: AwsNames, canary: str) -> CanaryRef:
    """The container for the first sync. The operator removes tags that its PushSecret does not repeat."""
    return CanaryRef(
        remote_key=names.secret_name(canary),
        push_metadata={
            "apiVersion": "kubernetes.external-secrets.io/v1alpha1",
            "kind": "PushSecretMetadata",
            "spec": {"secretPushFormat": "string", "tags": names.tags()},
        },
    )
