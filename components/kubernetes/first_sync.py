"""Proof that secrets flow: a value is made in the cluster, kept in the manager and read back, past Pulumi."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..contracts import CanaryRef
from ..forms import DNS_LABEL, DNS_SUBDOMAIN, DURATION
from .durations import canonical_duration
from .store_spec import API_VERSION, GENERATORS_API_VERSION, remote_ref
from .waiting import wait_until_ready

CANARY = "canary"


@dataclass(frozen=True, kw_only=True)
class FirstSyncArgs(Arguments):
    """Arguments of FirstSync.

    namespace: where its objects live; it must exist.
    store_name: the ClusterSecretStore.
    canary: the container to fill and to read.
    refresh_interval: how often it is read again; a number and s, m or h; default 1h.
    timeout_seconds: how long each step may take; seconds, 10 to 3600; default 300.
    after: what must be ready before, such as the store; default none.
    """

    namespace: str
    store_name: str
    canary: CanaryRef
    refresh_interval: str = "1h"
    timeout_seconds: int = 300
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("namespace", self.namespace, DNS_LABEL)
        self.require_form("store_name", self.store_name, DNS_SUBDOMAIN)
        self.require_form("refresh_interval", self.refresh_interval, DURATION)
        self.require_timeout(self.timeout_seconds)


class FirstSync(pulumi.ComponentResource):
    """The gate for everything that needs secrets: its end *is* the first synced secret.

    Creates, each only when the one before is ready:
    - a Password generator;
    - a PushSecret that fills the container if it is empty;
    - an ExternalSecret that reads it into the Secret `canary`, under the key `value`.

    Outputs:
    - `namespace`: where the Secret is.
    - `secret_name`: the Secret's name, `canary`.
    - `gates`: the ExternalSecret.

    Raises ConfigError for names or times of the wrong form.
    Sources: external-secrets, "PushSecret" (`updatePolicy: IfNotExists`) and "Password generator".
    """

    namespace: str
    secret_name: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: FirstSyncArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:FirstSync", name, None, opts)
        store, canary = {"kind": "ClusterSecretStore", "name": args.store_name}, args.canary
        ready = wait_until_ready(args.timeout_seconds)
        generator = kubernetes.apiextensions.CustomResource(
            f"{name}-generator",
            api_version=GENERATORS_API_VERSION,
            kind="Password",
            metadata={"name": CANARY, "namespace": args.namespace},
            spec={"length": 32, "digits": 8, "symbols": 0, "noUpper": False, "allowRepeat": True},
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        pushed: dict[str, Any] = {
            "match": {
                "secretKey": "password",
                "remoteRef": remote_ref(canary.remote_key, canary.property, "remoteKey"),
            }
        }
        metadata: Mapping[str, Any] | None = canary.push_metadata
        if metadata is not None:
            pushed["metadata"] = metadata
        push = kubernetes.apiextensions.CustomResource(
            f"{name}-push",
            api_version="external-secrets.io/v1alpha1",
            kind="PushSecret",
            metadata={"name": CANARY, "namespace": args.namespace, "annotations": ready},
            spec={
                "refreshInterval": "1h0m0s" if canary.update_policy == "IfNotExists" else "0s",
                "updatePolicy": canary.update_policy,
                "deletionPolicy": "None",
                "secretStoreRefs": [store],
                "selector": {
                    "generatorRef": {"apiVersion": GENERATORS_API_VERSION, "kind": "Password", "name": CANARY}
                },
                "data": [pushed],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[generator]),
        )
        synced = kubernetes.apiextensions.CustomResource(
            f"{name}-external-secret",
            api_version=API_VERSION,
            kind="ExternalSecret",
            metadata={"name": CANARY, "namespace": args.namespace, "annotations": ready},
            spec={
                "refreshInterval": canonical_duration(args.refresh_interval),
                "secretStoreRef": store,
                "target": {"name": CANARY, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
                "data": [{"secretKey": "value", "remoteRef": remote_ref(canary.remote_key, canary.property)}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[push]),
        )
        self.namespace, self.secret_name = args.namespace, CANARY
        self.gates = [synced]
        self.register_outputs({"namespace": self.namespace, "secretName": self.secret_name})
