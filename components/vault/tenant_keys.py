"""The tenants' keys of one environment in Vault, and who may use and who may manage them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_vault as vault

from ..arguments import Arguments
from ..contracts import ONE_TENANT_EACH, KeyRef, ServiceAccountRef
from ..deletion import DeletionProfile
from ..forms import TENANT_NAME
from ..tenants.names import tenant_key_name
from .forms import AUDIENCE, KEY_ID, MOUNT
from .names import TENANTS_ADMINISTRATOR, VaultNames
from .policies import to_json
from .tenant_policies import tenant_policy, tenants_administrator_policy

_SECONDS_A_DAY = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class VaultTenantKeysArgs(Arguments):
    """Arguments of VaultTenantKeys.

    names: the environment's names.
    tenants_key: the environment's key `tenants`; the tenants' keys lie beside it, in the same engine.
    tenants: the service account that works for each tenant, by the tenant's name; None for a tenant whose policy you
        hand out by an auth role of your own. Names are lower case, up to 48 characters.
    jwt_mount: the path of a JWT auth method that trusts the cluster's issuer, such as VaultJwtIdentity's; default none,
        which is right if no tenant has a service account.
    audience: what the service accounts' tokens must be meant for; default vault.
    rotation_days: time between new versions of a key; days, 1 to 3650; default 365.
    token_ttl_seconds: how long a login lasts; seconds, 60 to 3600; default 900.
    deletion_profile: what a destroy does with the keys, see VaultTenantKeys; default DURABLE.
    after: what has to be there before, such as the gates of VaultFoundation, which makes the engine; default none.
    """

    names: VaultNames
    tenants_key: KeyRef
    tenants: Mapping[str, ServiceAccountRef | None]
    jwt_mount: str | None = None
    audience: str = "vault"
    rotation_days: int = 365
    token_ttl_seconds: int = 900
    deletion_profile: DeletionProfile = DeletionProfile.DURABLE
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("tenants_key", self.tenants_key.id, KEY_ID)
        for tenant, account in self.tenants.items():
            self.require_form(f"tenants.{tenant}", tenant, TENANT_NAME)
            self.require(
                account is None or self.jwt_mount is not None,
                "jwt_mount",
                f"is missing, and the service account of {tenant} proves itself by its token",
                "give the path of a JWT auth method that trusts the cluster, or None for the service account",
            )
        self.require_distinct({f"tenants.{tenant}": one for tenant, one in self.tenants.items()}, *ONE_TENANT_EACH)
        if self.jwt_mount is not None:
            self.require_form("jwt_mount", self.jwt_mount, MOUNT)
        self.require_form("audience", self.audience, AUDIENCE)
        self.require(1 <= self.rotation_days <= 3650, "rotation_days", "is not from 1 to 3650 days", "365 is usual")
        self.require(
            60 <= self.token_ttl_seconds <= 3600, "token_ttl_seconds", "is not from 60 to 3600", "900 is usual"
        )


class VaultTenantKeys(pulumi.ComponentResource):
    """Keys of an environment's tenants in Vault: a tenant's key → a working key → a key for each message.

    Creates:
    - for each tenant the transit key `tenant-<tenant>`, which rotates by itself and never leaves Vault;
    - for each tenant the policy `<prefix>-<environment>-tenant-<tenant>`, which uses that key in the tenant's name;
    - for each tenant with a service account a role of that name in the JWT auth method, which gives that policy;
    - the policy `<prefix>-<environment>-tenants-administrator`, which rotates, retires and shreds the keys and uses
      none.

    Pulumi deletes no tenant's key of a DURABLE environment: a tenant that is taken out loses its policy and its role,
    and its key stays until an administrator shreds it. EPHEMERAL deletes it.

    The method is JWT's because a token for it is good for Vault alone; by the Kubernetes method a tenant would have to
    show Vault a token that the API server takes.

    Outputs:
    - `mount`: the transit engine, for the application's VaultKeyStore.
    - `policies`: the name of each tenant's policy, by the tenant's name.
    - `administrator_policy`: the name of the administrators' policy; who gets it is up to you.
    - `gates`: everything that was created.

    Raises ConfigError for tenants, paths, words or times that cannot work.
    Sources: Vault, "Transit secrets engine (API)" and "JWT/OIDC auth method (API)".
    """

    mount: pulumi.Output[str]
    policies: Mapping[str, str]
    administrator_policy: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultTenantKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultTenantKeys", name, None, opts)
        self._name, self._args = name, args
        names = args.names
        self.mount = pulumi.Output.from_input(args.tenants_key.id).apply(lambda key: key.rpartition("/keys/")[0])
        self.policies = {tenant: names.full_name(tenant_key_name(tenant)) for tenant in args.tenants}
        self.administrator_policy = names.full_name(TENANTS_ADMINISTRATOR)
        self.gates = [
            *(one for tenant, account in args.tenants.items() for one in self._tenant(tenant, account)),
            self._policy(
                "administrator",
                self.administrator_policy,
                self.mount.apply(lambda mount: to_json(tenants_administrator_policy(mount, args.tenants))),
            ),
        ]
        self.register_outputs({"mount": self.mount, "administratorPolicy": self.administrator_policy})

    def _tenant(self, tenant: str, account: ServiceAccountRef | None) -> list[pulumi.Resource]:
        args, profile = self._args, self._args.deletion_profile
        key = vault.transit.SecretBackendKey(
            f"{self._name}-tenant-{tenant}",
            backend=self.mount,
            name=tenant_key_name(tenant),
            type="aes256-gcm96",
            exportable=False,
            allow_plaintext_backup=False,
            auto_rotate_period=args.rotation_days * _SECONDS_A_DAY,
            deletion_allowed=not profile.protect,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after), retain_on_delete=profile.protect),
        )
        document = self.mount.apply(lambda mount: to_json(tenant_policy(mount, tenant)))
        policy = self._policy(f"tenant-{tenant}", self.policies[tenant], document)
        return [key, policy, *([self._role(tenant, account, policy)] if account else [])]

    def _policy(self, what: str, policy_name: str, document: pulumi.Output[str]) -> vault.Policy:
        children = pulumi.ResourceOptions(parent=self)
        return vault.Policy(f"{self._name}-{what}-policy", name=policy_name, policy=document, opts=children)

    def _role(self, tenant: str, account: ServiceAccountRef, policy: vault.Policy) -> vault.jwt.AuthBackendRole:
        args = self._args
        return vault.jwt.AuthBackendRole(
            f"{self._name}-tenant-{tenant}-role",
            backend=args.jwt_mount,
            role_name=self.policies[tenant],
            role_type="jwt",
            bound_audiences=[args.audience],
            bound_subject=account.subject,
            user_claim="sub",
            token_policies=[policy.name],
            token_no_default_policy=True,
            token_ttl=args.token_ttl_seconds,
            token_max_ttl=args.token_ttl_seconds,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
