"""A store of one namespace, opened with the token of a service account in that namespace."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    IdentityKind,
    IdentityRef,
    NamespaceSecretStore,
    NamespaceSecretStoreArgs,
    ServiceAccountRef,
    StoreRef,
)

store = NamespaceSecretStore(
    "store",
    NamespaceSecretStoreArgs(
        namespace="apps",
        store_name="team",
        store=StoreRef(backend="aws", settings={"service": "SecretsManager", "region": "eu-west-1"}),
        identity=IdentityRef(
            kind=IdentityKind.IRSA,
            principal="arn:aws:iam::111122223333:role/platform-prod-apps",
            service_account=ServiceAccountRef(namespace="apps", name="secret-reader"),
            backends=frozenset({"aws"}),
            store_settings={"auth": {"jwt": {"serviceAccountRef": {"name": "secret-reader"}}}},
            presents_token=True,
        ),
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod")),
)
pulumi.export("storeName", store.store_name)
