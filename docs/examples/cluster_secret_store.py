"""A store that two groups of namespaces may use."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ClusterSecretStore,
    ClusterSecretStoreArgs,
    IdentityKind,
    IdentityRef,
    ServiceAccountRef,
    StoreCondition,
    StoreRef,
)

store = ClusterSecretStore(
    "store",
    ClusterSecretStoreArgs(
        store_name="prod",
        store=StoreRef(backend="aws", settings={"service": "SecretsManager", "region": "eu-west-1"}),
        identity=IdentityRef(
            kind=IdentityKind.POD_IDENTITY,
            principal="arn:aws:iam::111122223333:role/platform-prod-external-secrets",
            service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
            backends=frozenset({"aws"}),
        ),
        conditions=[StoreCondition(namespaces=["apps"]), StoreCondition(namespace_selector={"team": "payments"})],
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod")),
)
pulumi.export("storeName", store.store_name)
