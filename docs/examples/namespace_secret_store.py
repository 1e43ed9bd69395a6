"""A team's own store: a prefix, a role and a service account of its own, beside the environment's ClusterSecretStore.

The namespace `team` is one of the operator's `namespaces` and in none of the ClusterSecretStore's conditions. The key's
policy is what `key_policies` computes for these names: it admits the role `team-prod-external-secrets`.
"""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AwsIrsaIdentity,
    AwsIrsaIdentityArgs,
    AwsNames,
    AwsSecretSpec,
    AwsSecretStore,
    AwsSecretStoreArgs,
    ClusterRef,
    KeyRef,
    NamespaceSecretStore,
    NamespaceSecretStoreArgs,
    OperatorGrant,
    ServiceAccountRef,
)

issuer_url = "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
cluster = ClusterRef(
    name="prod",
    issuer_url=issuer_url,
    provider=kubernetes.Provider("cluster", context="prod"),
)
names = AwsNames(prefix="team", environment="prod", account_id="111122223333", region="eu-west-1")
key = KeyRef(id="arn:aws:kms:eu-west-1:111122223333:key/2d2d2d2d-1111-2222-3333-444444444444")
reader = ServiceAccountRef(namespace="team", name="secret-reader")
in_cluster = pulumi.ResourceOptions(provider=cluster.provider)

secrets = AwsSecretStore(
    "team-secrets",
    AwsSecretStoreArgs(names=names, secrets_key=key, tenants_key=key, secrets={"api": AwsSecretSpec()}),
)
identity = AwsIrsaIdentity(
    "team-identity",
    AwsIrsaIdentityArgs(
        names=names,
        cluster=cluster,
        service_account=reader,
        grant=OperatorGrant(secrets_key=key, tenants_key=key),
        # The environment's own identity has made the issuer's provider; an issuer has only one in an account.
        oidc_provider_arn=names.oidc_provider_arn(issuer_url),
    ),
).identity
account = kubernetes.core.v1.ServiceAccount(
    "team-reader",
    metadata={"name": reader.name, "namespace": reader.namespace, "annotations": identity.annotations},
    opts=in_cluster,
)
store = NamespaceSecretStore(
    "team-store",
    NamespaceSecretStoreArgs(
        namespace="team", store_name="team", store=secrets.store, identity=identity, after=[account]
    ),
    in_cluster,
)
pulumi.export("storeName", store.store_name)
