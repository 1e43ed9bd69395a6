"""The tenants' keys of one environment: their table, and who may use and who may manage them. It makes no key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import ONE_TENANT_EACH, KeyRef, ServiceAccountRef
from ..deletion import DeletionProfile
from ..errors import ConfigError
from ..forms import HTTPS_URL, TENANT_NAME
from .forms import KEY_ARN, PRINCIPAL_ARN, ROLE_ARN, Arn
from .names import LONGEST_ROLE_NAME, TENANTS_ADMINISTRATOR_ROLE, AwsNames
from .statements import to_json
from .tenant_policies import principal_trust, tenant_policy, tenants_administrator_policy
from .trust import irsa_trust


@dataclass(frozen=True, kw_only=True)
class AwsTenant(Arguments):
    """Who works for one tenant: exactly one of both. Raises ConfigError otherwise.

    service_account: the tenant's own workload, by its token (IRSA); default none.
    role_arn: an application for many tenants, which takes this tenant's role while it works for him; default none.
    """

    service_account: ServiceAccountRef | None = None
    role_arn: str | None = None

    def __post_init__(self) -> None:
        if (self.service_account is None) == (self.role_arn is None):
            raise ConfigError(
                "AwsTenant", "names nobody, or two", "give the service_account or the role_arn of who works for it"
            )
        if self.role_arn is not None:
            ROLE_ARN.require("AwsTenant.role_arn", self.role_arn)


@dataclass(frozen=True, kw_only=True)
class AwsTenantKeysArgs(Arguments):
    """Arguments of AwsTenantKeys.

    names: the environment's names.
    tenants_key: the environment's key `tenants`; its policy needs `tenantKeys` of the configuration.
    tenants: who works for each tenant, by the tenant's name; lower case, up to 48 characters.
    administrators: ARNs of roles and users who bring tenants in, rotate their keys and shred them; at least one.
    issuer_url: the issuer of the service accounts' tokens, which IAM knows already; https://; default none, which is
        right if no tenant has a service account.
    deletion_profile: what a destroy does; DURABLE protects the table; default DURABLE.
    recovery_days: how long the table can be restored to an earlier state, and a shredded key with it; days, 0 (not at
        all) to 35; default 7 if durable, else 0.
    """

    names: AwsNames
    tenants_key: KeyRef
    tenants: Mapping[str, AwsTenant]
    administrators: Sequence[str]
    issuer_url: pulumi.Input[str] | None = None
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    recovery_days: int | None = None

    def __post_init__(self) -> None:
        self.require_form("tenants_key", self.tenants_key.id, KEY_ARN)
        for tenant, one in self.tenants.items():
            field = f"tenants.{tenant}"
            self.require_form(field, tenant, TENANT_NAME)
            self.require(
                len(self.names.role_name(f"tenant-{tenant}")) <= LONGEST_ROLE_NAME,
                field,
                f"makes the role's name longer than {LONGEST_ROLE_NAME} characters",
                "shorten the tenant's name or the prefix",
            )
            self.require(
                one.service_account is None or self.issuer_url is not None,
                "issuer_url",
                f"is missing, and the service account of {tenant} proves itself by its token",
                "give the issuer of the cluster",
            )
            if one.role_arn is not None:
                self._require_own(f"{field}.role_arn", one.role_arn)
                self.require(
                    one.role_arn not in self.administrators,
                    f"{field}.role_arn",
                    "is an administrator's, who would then use the keys that he manages",
                    "name another one",
                )
        self.require_distinct(
            {f"tenants.{tenant}.service_account": one.service_account for tenant, one in self.tenants.items()},
            *ONE_TENANT_EACH,
        )
        self.require(bool(self.administrators), "administrators", "is empty", "name who brings tenants in")
        for index, administrator in enumerate(self.administrators):
            self.require_form(f"administrators.{index}", administrator, PRINCIPAL_ARN)
            self._require_own(f"administrators.{index}", administrator)
        if self.issuer_url is not None:
            self.require_form("issuer_url", self.issuer_url, HTTPS_URL)
        days = self.recovery_days
        self.require(days is None or 0 <= days <= 35, "recovery_days", "is not from 0 to 35", "7 is usual")

    def _require_own(self, field: str, text: str) -> None:
        arn = Arn.parse(text)
        self.require(
            arn is not None and arn.lies_in(self.names.account_id, self.names.region),
            field,
            "lies in another account or partition than the environment",
            "name one of this environment's",
        )

    @property
    def days(self) -> int:
        if self.recovery_days is not None:
            return self.recovery_days
        return 7 if self.deletion_profile.protect else 0


class AwsTenantKeys(pulumi.ComponentResource):
    """Keys of an environment's tenants: environment's key → a key for each tenant → a key for each message.

    Creates:
    - the table `<prefix>-<environment>-tenants`, in which the tenants' wrapped keys lie;
    - for each tenant the role `<prefix>-<environment>-tenant-<tenant>` under the path
      `/<prefix>/<environment>/tenants/`, which reads and unwraps that tenant's keys and no others;
    - the role `<prefix>-<environment>-tenants-administrator`, which makes, rotates and deletes wrapped keys, and
      unwraps none.

    The keys themselves are made by the administrator with `secrets_bootstrap.tenants`: nothing of them passes through
    Pulumi.

    Outputs:
    - `table_name`: the table.
    - `role_arns`: the role of each tenant, by the tenant's name.
    - `administrator_role_arn`: the administrators' role.
    - `gates`: everything that was created.

    Raises ConfigError for tenants, principals or days that cannot work.
    Sources: AWS Encryption SDK Developer Guide, "Create a key store" (`branch-key-id`, `type`); DynamoDB API Reference,
    `UpdateContinuousBackups` (1 to 35 days).
    """

    table_name: pulumi.Output[str]
    role_arns: Mapping[str, pulumi.Output[str]]
    administrator_role_arn: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsTenantKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsTenantKeys", name, None, opts)
        self._args = args
        names, key = args.names, pulumi.Output.from_input(args.tenants_key.id)
        table = self._table(f"{name}-table")
        gates: list[pulumi.Resource] = [table]
        role_arns: dict[str, pulumi.Output[str]] = {}
        for tenant, one in args.tenants.items():

            def policy(arn: str, tenant: str = tenant) -> str:
                return to_json(tenant_policy(names, tenants_key_arn=arn, tenant=tenant))

            made = self._role(
                f"{name}-tenant-{tenant}",
                f"tenant-{tenant}",
                self._trust(one),
                key.apply(policy),
                path=names.tenant_roles_path,
            )
            role_arns[tenant] = made[0].arn
            gates += made
        administrator = self._role(
            f"{name}-administrator",
            TENANTS_ADMINISTRATOR_ROLE,
            to_json(principal_trust(principals=args.administrators)),
            key.apply(lambda arn: to_json(tenants_administrator_policy(names, tenants_key_arn=arn))),
        )
        self.table_name, self.role_arns = table.name, role_arns
        self.administrator_role_arn = administrator[0].arn
        self.gates = [*gates, *administrator]
        self.register_outputs({"tableName": table.name, "administratorRoleArn": self.administrator_role_arn})

    def _table(self, name: str) -> aws.dynamodb.Table:
        args, days = self._args, self._args.days
        recovery = aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=days > 0, recovery_period_in_days=days or None)
        return aws.dynamodb.Table(
            name,
            name=args.names.tenant_table,
            billing_mode="PAY_PER_REQUEST",
            attributes=[{"name": "branch-key-id", "type": "S"}, {"name": "type", "type": "S"}],
            hash_key="branch-key-id",
            range_key="type",
            deletion_protection_enabled=args.deletion_profile.protect,
            point_in_time_recovery=recovery,
            tags=args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_profile.protect),
        )

    def _trust(self, tenant: AwsTenant) -> pulumi.Input[str]:
        account, issuer_url = tenant.service_account, self._args.issuer_url
        if tenant.role_arn is not None:
            return to_json(principal_trust(principals=[tenant.role_arn]))
        assert account is not None  # the arguments have refused a tenant with neither
        assert issuer_url is not None
        return pulumi.Output.from_input(issuer_url).apply(
            lambda url: to_json(
                irsa_trust(
                    provider_arn=self._args.names.oidc_provider_arn(url),
                    issuer_url=url,
                    namespace=account.namespace,
                    service_account=account.name,
                )
            )
        )

    def _role(
        self,
        name: str,
        role_name: str,
        trust: pulumi.Input[str],
        policy: pulumi.Input[str],
        *,
        path: str | None = None,
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        names, children = self._args.names, pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=names.role_name(role_name),
            path=path,
            description=f"Keys of tenants of {names.prefix} {names.environment}: {role_name}",
            assume_role_policy=trust,
            tags=names.tags(),
            # Its name is fixed: when its path changes, the old role has to go first.
            opts=pulumi.ResourceOptions.merge(children, pulumi.ResourceOptions(delete_before_replace=True)),
        )
        rights = aws.iam.RolePolicy(f"{name}-policy", name="tenant-keys", role=role.name, policy=policy, opts=children)
        return role, rights
