"""A workload that starts only after a secret has made the whole way."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import CanaryRef, FirstSync, FirstSyncArgs

cluster = kubernetes.Provider("cluster", context="prod")

first_sync = FirstSync(
    "first-sync",
    FirstSyncArgs(
        namespace="secrets-bootstrap",
        store_name="prod",
        canary=CanaryRef(remote_key="platform/prod/canary"),
        timeout_seconds=120,
    ),
    pulumi.ResourceOptions(provider=cluster),
)
kubernetes.core.v1.ConfigMap(
    "secrets-flow",
    metadata={"name": "secrets-flow", "namespace": "apps"},
    opts=pulumi.ResourceOptions(provider=cluster, depends_on=list(first_sync.gates)),
)
