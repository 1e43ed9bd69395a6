"""The operator's identity by Vault's JWT auth method."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_vault as vault

from ..contracts import IdentityKind, IdentityRef
from .identity_args import VaultIdentityArgs

_TOKEN_SECONDS = 600  # the shortest that Kubernetes issues


@dataclass(frozen=True, kw_only=True)
class VaultJwtIdentityArgs(VaultIdentityArgs):
    """Arguments of VaultJwtIdentity.

    names: the environment's names.
    cluster: where tokens are issued; Vault must reach the issuer, which answers without a login.
    service_account: whose tokens are trusted.
    audience: what a token must be meant for; a word that only this Vault answers to, such as vault.
    policy: the name of the policy that a login gives, and nothing beside it.
    existing_mount: the path of an auth method to adopt; its settings stay as they are; default none.
    token_ttl_seconds: how long a login lasts; seconds, 120 to 3600; default 600.
    role: the end of the role's name; default external-secrets.
    after: what must be there before the role, such as the auth method that is adopted; default none.
    """


class VaultJwtIdentity(pulumi.ComponentResource):
    """A role that one service account of one cluster can take with its own token, checked by the issuer's keys.

    Vault asks the cluster about no token: a deleted service account's tokens work until they expire, after 10 minutes.

    Creates:
    - unless one is adopted, the auth method `<prefix>/<environment>/jwt`, which trusts the cluster's issuer;
    - the role `<prefix>-<environment>-<role>`, bound to exactly one `sub` and `aud`.

    Outputs:
    - `identity`: who the operator is; it presents a token of the service account (IdentityRef).
    - `mount`: the path of the auth method.
    - `gates`: everything that was created.

    Raises ConfigError for an audience, mount or number that cannot work.
    Sources: Vault, "Use JWT/OIDC authentication - Kubernetes"; external-secrets v0.20.4, `auth_jwt.go`.
    """

    identity: IdentityRef
    mount: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultJwtIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultJwtIdentity", name, None, opts)
        account = args.service_account
        self.mount = args.existing_mount or args.names.mount("jwt")
        method = self._method(name, args) if args.existing_mount is None else None
        role = vault.jwt.AuthBackendRole(
            f"{name}-role",
            backend=method.path if method else self.mount,
            role_name=args.role_name,
            role_type="jwt",
            bound_audiences=[args.audience],
            bound_subject=account.subject,
            user_claim="sub",
            token_policies=[args.policy],
            token_no_default_policy=True,
            token_ttl=args.token_ttl_seconds,
            token_max_ttl=args.token_ttl_seconds,
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        self.gates = [*([method] if method else ()), role]
        # Without `audiences` here the operator adds one of its own choice, `vault`.
        token = {
            "serviceAccountRef": {"name": account.name, "namespace": account.namespace},
            "audiences": [args.audience],
            "expirationSeconds": _TOKEN_SECONDS,
        }
        self.identity = IdentityRef(
            kind=IdentityKind.VAULT_JWT,
            principal=f"{self.mount}/role/{args.role_name}",
            service_account=account,
            backends=frozenset({"vault"}),
            store_settings={
                "auth": {
                    "jwt": {"path": self.mount, "role": args.role_name, "kubernetesServiceAccountToken": token},
                }
            },
            presents_token=True,
            gates=self.gates,
        )
        self.register_outputs({"role": self.identity.principal})

    def _method(self, name: str, args: VaultJwtIdentityArgs) -> vault.jwt.AuthBackend:
        cluster = args.cluster
        return vault.jwt.AuthBackend(
            f"{name}-method",
            type="jwt",
            path=self.mount,
            description=args.names.description,
            oidc_discovery_url=cluster.issuer_url,
            oidc_discovery_ca_pem=cluster.ca_certificate,
            bound_issuer=cluster.issuer_url,
            # Vault fetches the issuer's description when it gets these settings.
            opts=pulumi.ResourceOptions(parent=self, depends_on=cluster.gates),
        )
