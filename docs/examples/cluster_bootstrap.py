"""Phase two alone: a cluster, a manager and an identity that are there already."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    CanaryRef,
    ClusterBootstrap,
    ClusterBootstrapArgs,
    IdentityKind,
    IdentityRef,
    ServiceAccountRef,
    StoreCondition,
    StoreRef,
)

bootstrap = ClusterBootstrap(
    "bootstrap",
    ClusterBootstrapArgs(
        store=StoreRef(backend="aws", settings={"service": "SecretsManager", "region": "eu-west-1"}),
        canary=CanaryRef(remote_key="platform/prod/canary"),
        identity=IdentityRef(
            kind=IdentityKind.POD_IDENTITY,
            principal="arn:aws:iam::111122223333:role/platform-prod-external-secrets",
            service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
            backends=frozenset({"aws"}),
        ),
        store_name="prod",
        conditions=[StoreCondition(namespaces=["apps"])],
        namespaces=["apps"],
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod")),
)
pulumi.export("storeName", bootstrap.store_name)
