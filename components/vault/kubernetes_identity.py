"""The operator's identity by Vault's Kubernetes auth method."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_vault as vault

from ..contracts import IdentityKind, IdentityRef
from .identity_args import VaultIdentityArgs


@dataclass(frozen=True, kw_only=True)
class VaultKubernetesIdentityArgs(VaultIdentityArgs):
    """Arguments of VaultKubernetesIdentity.

    names: the environment's names.
    cluster: where tokens are issued, and whose API Vault asks about them: it needs an endpoint.
    service_account: whose tokens are trusted.
    audience: what a token must be meant for; a word that only this Vault answers to, such as vault.
    policy: the name of the policy that a login gives, and nothing beside it.
    existing_mount: the path of an auth method to adopt; its settings stay as they are; default none.
    token_ttl_seconds: how long a login lasts; seconds, 120 to 3600; default 600.
    role: the end of the role's name; default external-secrets.
    after: what must be there before the role, such as the auth method that is adopted; default none.
    api_audience: what the API server takes a token as meant for itself by; default the cluster's issuer.
    """

    api_audience: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require(
            self.existing_mount is not None or self.cluster.endpoint is not None,
            "cluster.endpoint",
            "is missing, and Vault has to ask the API server about each token",
            "give the endpoint, adopt an auth method with existing_mount, or use VaultJwtIdentity",
        )


class VaultKubernetesIdentity(pulumi.ComponentResource):
    """A role that one service account of one cluster can take with its own token; Vault asks the cluster about it.

    Creates:
    - unless one is adopted, the auth method `<prefix>/<environment>/kubernetes` and its settings: the API server and
      its authority, and no token of Vault's own to ask with;
    - the role `<prefix>-<environment>-<role>`, bound to exactly one service account, namespace and audience.

    Vault asks with the very token that it was given. So the token has to be meant for the API server too, and its
    service account has to be allowed to review tokens (`reviews_token`). Whoever sees the token, Vault itself
    included, can use it in the cluster until it expires: give the store a service account of its own, or use
    VaultJwtIdentity, whose tokens are good for Vault only.

    Outputs:
    - `identity`: who the operator is; it presents a token of the service account (IdentityRef).
    - `mount`: the path of the auth method.
    - `gates`: everything that was created.

    Raises ConfigError for a cluster without an endpoint, or an audience, mount or number that cannot work.
    Sources: Vault, "Kubernetes auth method" ("Use the Vault client's JWT as the reviewer JWT");
    vault-plugin-auth-kubernetes v0.23.0, `token_review.go` and `path_login.go` (`lookup`).
    """

    identity: IdentityRef
    mount: str
    gates: Sequence[pulumi.Resource]

    def __init__(
        self, name: str, args: VaultKubernetesIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("secrets-bootstrap:index:VaultKubernetesIdentity", name, None, opts)
        account = args.service_account
        self.mount = args.existing_mount or args.names.mount("kubernetes")
        method = self._method(name, args) if args.existing_mount is None else None
        role = vault.kubernetes.AuthBackendRole(
            f"{name}-role",
            backend=method[0].path if method else self.mount,
            role_name=args.role_name,
            bound_service_account_names=[account.name],
            bound_service_account_namespaces=[account.namespace],
            audience=args.audience,
            token_policies=[args.policy],
            token_no_default_policy=True,
            token_ttl=args.token_ttl_seconds,
            token_max_ttl=args.token_ttl_seconds,
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        self.gates = [*(method or ()), role]
        reference = {
            "name": account.name,
            "namespace": account.namespace,
            "audiences": [args.audience, args.api_audience or args.cluster.issuer_url],
        }
        self.identity = IdentityRef(
            kind=IdentityKind.VAULT_KUBERNETES,
            principal=f"{self.mount}/role/{args.role_name}",
            service_account=account,
            backends=frozenset({"vault"}),
            store_settings={
                "auth": {
                    "kubernetes": {"mountPath": self.mount, "role": args.role_name, "serviceAccountRef": reference}
                }
            },
            presents_token=True,
            reviews_token=True,
            gates=self.gates,
        )
        self.register_outputs({"role": self.identity.principal})

    def _method(
        self, name: str, args: VaultKubernetesIdentityArgs
    ) -> tuple[vault.AuthBackend, vault.kubernetes.AuthBackendConfig]:
        assert args.cluster.endpoint is not None  # the arguments have refused a cluster without
        method = vault.AuthBackend(
            f"{name}-method",
            type="kubernetes",
            path=self.mount,
            description=args.names.description,
            opts=pulumi.ResourceOptions(parent=self),
        )
        settings = vault.kubernetes.AuthBackendConfig(
            f"{name}-settings",
            backend=method.path,
            kubernetes_host=args.cluster.endpoint,
            kubernetes_ca_cert=args.cluster.ca_certificate,
            disable_local_ca_jwt=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return method, settings
