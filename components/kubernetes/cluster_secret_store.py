"""A store for several namespaces. It limits who may use it; which secrets it opens is limited in the manager."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..contracts import IdentityRef, StoreRef
from ..forms import (
    DNS_LABEL,
    DNS_SUBDOMAIN,
    LABEL_KEY,
    LABEL_VALUE,
    NAMESPACE_PATTERN,
    WHOLE_NAMESPACE_PATTERN,
)
from .store_spec import API_VERSION, provider_spec
from .waiting import wait_until_ready


@dataclass(frozen=True, kw_only=True)
class StoreCondition(Arguments):
    """Namespaces that may use a store. Exactly one of the three is given; raises ConfigError otherwise.

    namespaces: names; default none.
    namespace_selector: labels that a namespace must have, all of them; default none.
    namespace_regexes: RE2 expressions from ^ to $, of which one must match the name; default none.
    """

    namespaces: Sequence[str] | None = None
    namespace_selector: Mapping[str, str] | None = None
    namespace_regexes: Sequence[str] | None = None

    def __post_init__(self) -> None:
        given = [
            rule for rule in (self.namespaces, self.namespace_selector, self.namespace_regexes) if rule is not None
        ]
        self.require(
            len(given) == 1 and bool(given[0]),
            "namespaces",
            "a condition has exactly one rule, and it is not empty",
            "give namespaces, namespace_selector or namespace_regexes; use several conditions for several rules",
        )
        for index, namespace in enumerate(self.namespaces or ()):
            self.require_form(f"namespaces.{index}", namespace, DNS_LABEL)
        for key, value in (self.namespace_selector or {}).items():
            self.require_form(f"namespace_selector.{key}", key, LABEL_KEY)
            self.require_form(f"namespace_selector.{key}", value, LABEL_VALUE)
        for index, pattern in enumerate(self.namespace_regexes or ()):
            self.require_form(f"namespace_regexes.{index}", pattern, NAMESPACE_PATTERN, WHOLE_NAMESPACE_PATTERN)

    def spec(self) -> Mapping[str, Any]:
        """The condition as the operator reads it."""
        if self.namespaces is not None:
            return {"namespaces": list(self.namespaces)}
        if self.namespace_selector is not None:
            return {"namespaceSelector": {"matchLabels": dict(self.namespace_selector)}}
        return {"namespaceRegexes": list(self.namespace_regexes or ())}


@dataclass(frozen=True, kw_only=True)
class ClusterSecretStoreArgs(Arguments):
    """Arguments of ClusterSecretStore.

    store_name: its name in the cluster.
    store: the manager.
    identity: who opens it.
    conditions: which namespaces may use it; at least one.
    after: what must be ready before, such as the operator; default none.
    timeout_seconds: how long it may take to be ready; seconds, 10 to 3600; default 300.
    """

    store_name: str
    store: StoreRef
    identity: IdentityRef
    conditions: Sequence[StoreCondition]
    after: Sequence[pulumi.Resource] = ()
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        self.require(
            bool(self.conditions), "conditions", "is empty, so every namespace could use the store", "name at least one"
        )
        self.require_form("store_name", self.store_name, DNS_SUBDOMAIN)
        self.require_timeout(self.timeout_seconds)
        self.provider()

    def provider(self) -> Mapping[str, Any]:
        """`spec.provider` of the store."""
        return provider_spec("ClusterSecretStoreArgs.identity", self.store, self.identity)


class ClusterSecretStore(pulumi.ComponentResource):
    """One ClusterSecretStore that counts as created when the operator calls it Ready.

    `Ready` proves that credentials were obtained and no more: for access, gate on FirstSync.

    Creates:
    - the ClusterSecretStore.

    Outputs:
    - `store_name`: its name in the cluster.
    - `gates`: the store.

    Raises ConfigError without conditions, or if the identity cannot open the manager.
    Sources: external-secrets, "ClusterSecretStore" (`conditions`) and `Validate()`; #2240 (a store without conditions
    is open to all).
    """

    store_name: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ClusterSecretStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:ClusterSecretStore", name, None, opts)
        store = kubernetes.apiextensions.CustomResource(
            f"{name}-store",
            api_version=API_VERSION,
            kind="ClusterSecretStore",
            metadata={"name": args.store_name, "annotations": wait_until_ready(args.timeout_seconds)},
            spec={"provider": args.provider(), "conditions": [condition.spec() for condition in args.conditions]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.identity.gates, *args.after]),
        )
        self.store_name = args.store_name
        self.gates = [store]
        self.register_outputs({"storeName": args.store_name})
