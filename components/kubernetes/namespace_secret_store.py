"""A store for one namespace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..contracts import OPERATOR_ACCOUNT, IdentityRef, ServiceAccountRef, StoreRef
from ..forms import DNS_LABEL, DNS_SUBDOMAIN
from .operator_rbac import review_grant, token_grant
from .store_spec import API_VERSION, provider_spec
from .waiting import wait_until_ready


@dataclass(frozen=True, kw_only=True)
class NamespaceSecretStoreArgs(Arguments):
    """Arguments of NamespaceSecretStore.

    namespace: where it lives, and the only one that may use it.
    store_name: its name in the namespace.
    store: the manager.
    identity: who opens it; if it presents a token, of a service account in this namespace.
    operator: the operator's own service account; default external-secrets/external-secrets.
    after: what must be ready before, such as the operator; default none.
    timeout_seconds: how long it may take to be ready; seconds, 10 to 3600; default 300.
    """

    namespace: str
    store_name: str
    store: StoreRef
    identity: IdentityRef
    operator: ServiceAccountRef = OPERATOR_ACCOUNT
    after: Sequence[pulumi.Resource] = ()
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        self.require_form("namespace", self.namespace, DNS_LABEL)
        self.require_form("store_name", self.store_name, DNS_SUBDOMAIN)
        self.require_timeout(self.timeout_seconds)
        self.require(
            not self.identity.presents_token or self.identity.service_account.namespace == self.namespace,
            "identity.service_account.namespace",
            "is not the store's namespace, and a SecretStore may refer only to its own",
            f"use an identity for a service account in {self.namespace}",
        )
        self.provider()

    def provider(self) -> Mapping[str, Any]:
        """`spec.provider` of the store."""
        return provider_spec("NamespaceSecretStoreArgs.identity", self.store, self.identity)


class NamespaceSecretStore(pulumi.ComponentResource):
    """One SecretStore that counts as created when the operator calls it Ready.

    Creates:
    - the SecretStore;
    - for an identity that presents a token, the role `external-secrets-token-<store_name>` and its binding, by which
      the operator may mint tokens of this one service account;
    - for an identity whose token the manager reviews with itself, the cluster role
      `external-secrets-review-<namespace>-<store_name>` and its binding, by which that service account may.

    The namespace and the service account, with the identity's annotations, are yours. The operator must be allowed to
    write in the namespace.

    Outputs:
    - `store_name`: its name in the namespace.
    - `gates`: everything that was created.

    Raises ConfigError if the identity cannot open the manager, or refers to another namespace.
    Sources: external-secrets, "SecretStore" and `ValidateReferentServiceAccountSelector` (no reference across
    namespaces).
    """

    store_name: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: NamespaceSecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:NamespaceSecretStore", name, None, opts)
        permissions = self._permissions(name, args)
        store = kubernetes.apiextensions.CustomResource(
            f"{name}-store",
            api_version=API_VERSION,
            kind="SecretStore",
            metadata={
                "name": args.store_name,
                "namespace": args.namespace,
                "annotations": wait_until_ready(args.timeout_seconds),
            },
            spec={"provider": args.provider()},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.identity.gates, *args.after, *permissions]),
        )
        self.store_name = args.store_name
        self.gates = [*permissions, store]
        self.register_outputs({"storeName": args.store_name, "namespace": args.namespace})

    def _permissions(self, name: str, args: NamespaceSecretStoreArgs) -> Sequence[pulumi.Resource]:
        identity, children = args.identity, pulumi.ResourceOptions(parent=self, depends_on=args.after)
        permissions: list[pulumi.Resource] = []
        if identity.presents_token:
            permissions += token_grant(
                f"{name}-token",
                role_name=f"external-secrets-token-{args.store_name}",
                account=args.operator,
                target=identity.service_account,
                opts=children,
            )
        if identity.reviews_token:
            permissions += review_grant(
                f"{name}-review",
                role_name=f"external-secrets-review-{args.namespace}-{args.store_name}",
                account=identity.service_account,
                opts=children,
            )
        return permissions
