"""Credentials that Vault makes for one namespace, as a Secret that is renewed before they end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_vault as vault

from ..arguments import Arguments
from ..contracts import OPERATOR_ACCOUNT, IdentityKind, IdentityRef, ServiceAccountRef, StoreRef
from ..forms import DNS_LABEL
from ..kubernetes.durations import canonical_duration
from ..kubernetes.operator_rbac import review_grant, token_grant
from ..kubernetes.store_spec import API_VERSION, GENERATORS_API_VERSION
from ..kubernetes.waiting import wait_until_ready
from .forms import MOUNT, OWN_POLICY
from .names import VaultNames

_TOKEN_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class VaultDynamicCredentialsArgs(Arguments):
    """Arguments of VaultDynamicCredentials.

    names: the environment's names.
    store: the environment's manager; Vault's address and authority are taken from it.
    identity: the operator's identity in Vault; the auth method is taken from it, and nothing that it may do.
    namespace: where the Secret is, and the service account; the operator must be allowed to write there.
    secret_name: the Secret's name.
    service_account: whose tokens ask for the credentials; it exists in the namespace and does nothing else.
    path: where Vault gives the credentials, such as `<mount>/creds/<role>`.
    policy: the name of the policy that lets in there, and nowhere else.
    ttl_seconds: how long credentials live; seconds, 60 to 86400; default 3600.
    operator: the operator's own service account; default external-secrets/external-secrets.
    after: what must be there before; default none.
    timeout_seconds: how long the first credentials may take; seconds, 10 to 3600; default 300.
    """

    names: VaultNames
    store: StoreRef
    identity: IdentityRef
    namespace: str
    secret_name: str
    service_account: str
    path: str
    policy: pulumi.Input[str]
    ttl_seconds: int = 3600
    operator: ServiceAccountRef = OPERATOR_ACCOUNT
    after: Sequence[pulumi.Resource] = ()
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        for field_name in ("namespace", "secret_name", "service_account"):
            self.require_form(field_name, getattr(self, field_name), DNS_LABEL)
        self.require_form("path", self.path, MOUNT)
        self.require_form("policy", self.policy, OWN_POLICY)
        self.require(60 <= self.ttl_seconds <= 86400, "ttl_seconds", "is not from 60 to 86400", "3600 is usual")
        self.require_timeout(self.timeout_seconds)
        self.require(
            self.identity.kind.manager == "vault" and self.store.backend == "vault",
            "identity",
            "or the store is not of Vault, and nobody else makes these credentials",
            "give VaultKubernetesIdentity or VaultJwtIdentity, and a store of Vault",
        )
        self.require(
            self.service_account != self.identity.service_account.name
            or self.namespace != self.identity.service_account.namespace,
            "service_account",
            "is the operator's own, whose role gives every secret of the environment",
            "make one for these credentials",
        )

    @property
    def role_name(self) -> str:
        """The role in the auth method."""
        return self.names.full_name(f"{self.namespace}-{self.secret_name}")


class VaultDynamicCredentials(pulumi.ComponentResource):
    """A Secret whose credentials Vault makes, and makes anew when half of their life is over.

    Creates:
    - the role `<prefix>-<environment>-<namespace>-<secret_name>` in the operator's auth method, for the one service
      account and the one policy;
    - the role `external-secrets-token-<secret_name>` and its binding, by which the operator may mint tokens of this
      service account; with the Kubernetes auth method also the cluster role
      `external-secrets-review-<namespace>-<secret_name>`, by which that service account may review tokens;
    - a VaultDynamicSecret and the ExternalSecret that keeps the Secret.

    Vault ends credentials with the login that asked for them, and the operator does not renew that login. So the login
    lives as long as the credentials, and old ones stay good for half of their life after a Secret has changed: until
    then whoever uses them must read it anew or be restarted (`restart_annotations`).

    Outputs:
    - `secret_name`: the Secret's name; its keys are what Vault answers, for databases `username` and `password`.
    - `gates`: everything that was created.

    Raises ConfigError for names, paths or times that cannot work, for the policies default and root, and for identities
    of another manager.
    Sources: external-secrets v0.20.4, `pkg/generator/vault` (a login for each call, no `Cleanup`); Vault, "Lease,
    Renew, and Revoke" (leases end with the token that made them).
    """

    secret_name: str
    gates: Sequence[pulumi.Resource]

    def __init__(
        self, name: str, args: VaultDynamicCredentialsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("secrets-bootstrap:index:VaultDynamicCredentials", name, None, opts)
        children = pulumi.ResourceOptions(parent=self)
        account = ServiceAccountRef(namespace=args.namespace, name=args.service_account)
        permissions: list[pulumi.Resource] = [
            self._role(name, args, account),
            *token_grant(
                f"{name}-token",
                role_name=f"external-secrets-token-{args.secret_name}",
                account=args.operator,
                target=account,
                opts=children,
            ),
        ]
        if args.identity.reviews_token:
            role_name = f"external-secrets-review-{args.namespace}-{args.secret_name}"
            permissions += review_grant(f"{name}-review", role_name=role_name, account=account, opts=children)
        metadata = {"name": args.secret_name, "namespace": args.namespace}
        generator = kubernetes.apiextensions.CustomResource(
            f"{name}-generator",
            api_version=GENERATORS_API_VERSION,
            kind="VaultDynamicSecret",
            metadata=metadata,
            spec={"path": args.path, "method": "GET", "resultType": "Data", "provider": _provider(args)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.identity.gates, *args.after, *permissions]),
        )
        source = {"apiVersion": GENERATORS_API_VERSION, "kind": "VaultDynamicSecret", "name": args.secret_name}
        synced = kubernetes.apiextensions.CustomResource(
            f"{name}-external-secret",
            api_version=API_VERSION,
            kind="ExternalSecret",
            metadata={**metadata, "annotations": wait_until_ready(args.timeout_seconds)},
            spec={
                "refreshInterval": canonical_duration(f"{args.ttl_seconds // 2}s"),
                "target": {"name": args.secret_name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
                "dataFrom": [{"sourceRef": {"generatorRef": source}}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[generator]),
        )
        self.secret_name = args.secret_name
        self.gates = [*permissions, generator, synced]
        self.register_outputs({"secretName": self.secret_name})

    def _role(self, name: str, args: VaultDynamicCredentialsArgs, account: ServiceAccountRef) -> pulumi.Resource:
        method = _method(args.identity)
        common: dict[str, Any] = {
            "backend": method["mountPath"] if "mountPath" in method else method["path"],
            "role_name": args.role_name,
            "token_policies": [args.policy],
            "token_no_default_policy": True,
            "token_ttl": args.ttl_seconds,
            "token_max_ttl": args.ttl_seconds,
            "opts": pulumi.ResourceOptions(parent=self),
        }
        audience = _audiences(args.identity)[0]
        if args.identity.kind is IdentityKind.VAULT_KUBERNETES:
            return vault.kubernetes.AuthBackendRole(
                f"{name}-role",
                bound_service_account_names=[account.name],
                bound_service_account_namespaces=[account.namespace],
                audience=audience,
                **common,
            )
        return vault.jwt.AuthBackendRole(
            f"{name}-role",
            role_type="jwt",
            bound_audiences=[audience],
            bound_subject=account.subject,
            user_claim="sub",
            **common,
        )


def _method(identity: IdentityRef) -> Mapping[str, Any]:
    """The operator's own login, as its store has it."""
    auth: Mapping[str, Any] = identity.store_settings["auth"]
    return auth["kubernetes" if identity.kind is IdentityKind.VAULT_KUBERNETES else "jwt"]


def _audiences(identity: IdentityRef) -> Sequence[pulumi.Input[str]]:
    method = _method(identity)
    if identity.kind is IdentityKind.VAULT_KUBERNETES:
        return method["serviceAccountRef"]["audiences"]
    return method["kubernetesServiceAccountToken"]["audiences"]


def _provider(args: VaultDynamicCredentialsArgs) -> Mapping[str, Any]:
    """`spec.provider` of the generator: the store's Vault, and a login of its own."""
    method, audiences = _method(args.identity), _audiences(args.identity)
    server = {key: args.store.settings[key] for key in ("server", "caBundle") if key in args.store.settings}
    reference = {"name": args.service_account}
    if args.identity.kind is IdentityKind.VAULT_KUBERNETES:
        login = {
            "kubernetes": {
                "mountPath": method["mountPath"],
                "role": args.role_name,
                "serviceAccountRef": {**reference, "audiences": audiences},
            }
        }
    else:
        token = {"serviceAccountRef": reference, "audiences": audiences, "expirationSeconds": _TOKEN_SECONDS}
        login = {"jwt": {"path": method["path"], "role": args.role_name, "kubernetesServiceAccountToken": token}}
    return {**server, "auth": login}
