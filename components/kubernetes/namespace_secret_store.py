"""A store for one namespace."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..contracts import IdentityRef, StoreRef
from .store_spec import API_VERSION, provider_spec
from .waiting import wait_until_ready


@dataclass(frozen=True, kw_only=True)
class NamespaceSecretStoreArgs(Arguments):
    """Arguments of NamespaceSecretStore.

    namespace: where it lives and who may use it. store_name: its name. store: the manager. identity: who opens it.
    after: what must be ready before, such as the operator. timeout_seconds: how long it may take to be ready, 10 to
    3600. Default 300.
    """

    namespace: str
    store_name: str
    store: StoreRef
    identity: IdentityRef
    after: Sequence[pulumi.Resource] = ()
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        self.require(10 <= self.timeout_seconds <= 3600, "timeout_seconds", "is not from 10 to 3600", "300 is usual")
        self.require(
            not self.identity.presents_token or self.identity.service_account.namespace == self.namespace,
            "identity.service_account.namespace",
            "is not the store's namespace, and a SecretStore may refer only to its own",
            f"use an identity for a service account in {self.namespace}",
        )


class NamespaceSecretStore(pulumi.ComponentResource):
    """One SecretStore that counts as created when the operator calls it Ready.

    Outputs: `store_name`, `gates`. Raises ConfigError if the identity cannot open the manager, or refers to another
    namespace.
    Source: external-secrets, "SecretStore"; `ValidateReferentServiceAccountSelector` (no reference across namespaces).
    """

    store_name: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: NamespaceSecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        provider = provider_spec("NamespaceSecretStoreArgs.identity", args.store, args.identity)
        super().__init__("secrets-bootstrap:index:NamespaceSecretStore", name, None, opts)
        store = kubernetes.apiextensions.CustomResource(
            f"{name}-store",
            api_version=API_VERSION,
            kind="SecretStore",
            metadata={
                "name": args.store_name,
                "namespace": args.namespace,
                "annotations": wait_until_ready(args.timeout_seconds),
            },
            spec={"provider": provider},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.identity.gates, *args.after]),
        )
        self.store_name = args.store_name
        self.gates = [store]
        self.register_outputs({"storeName": args.store_name, "namespace": args.namespace})
