"""A database password as a file of a pod, by the Secrets Store CSI driver, with an identity of the application's own.

The names are the team's own, so its role reads the team's containers and no others.
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
    OperatorGrant,
    SecretProviderClass,
    SecretProviderClassArgs,
    ServiceAccountRef,
)

issuer_url = "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
cluster = ClusterRef(name="prod", issuer_url=issuer_url, provider=kubernetes.Provider("cluster", context="prod"))
names = AwsNames(prefix="team", environment="prod", account_id="111122223333", region="eu-west-1")
key = KeyRef(id="arn:aws:kms:eu-west-1:111122223333:key/2d2d2d2d-1111-2222-3333-444444444444")
in_cluster = pulumi.ResourceOptions(provider=cluster.provider)

secrets = AwsSecretStore(
    "team-secrets",
    AwsSecretStoreArgs(names=names, secrets_key=key, tenants_key=key, secrets={"database": AwsSecretSpec()}),
)
identity = AwsIrsaIdentity(
    "team-identity",
    AwsIrsaIdentityArgs(
        names=names,
        cluster=cluster,
        service_account=ServiceAccountRef(namespace="team", name="app"),
        grant=OperatorGrant(secrets_key=key, tenants_key=key),
        oidc_provider_arn=names.oidc_provider_arn(issuer_url),
    ),
).identity
files = SecretProviderClass(
    "team-files",
    SecretProviderClassArgs(
        namespace="team",
        class_name="app",
        store=secrets.store,
        identity=identity,
        files={"database-password": names.secret_name("database")},
    ),
    in_cluster,
)
account = kubernetes.core.v1.ServiceAccount(
    "team-app",
    metadata={"name": "app", "namespace": "team", "annotations": identity.annotations},
    opts=in_cluster,
)
pod = kubernetes.core.v1.Pod(
    "team-pod",
    metadata={"name": "app", "namespace": "team"},
    spec={
        "serviceAccountName": "app",
        "containers": [
            {
                "name": "app",
                "image": "registry.example.com/app:v1",
                "volumeMounts": [{"name": "secrets", "mountPath": "/run/secrets/app", "readOnly": True}],
            }
        ],
        "volumes": [{"name": "secrets", "csi": files.volume}],
    },
    opts=pulumi.ResourceOptions(provider=cluster.provider, depends_on=[account, *files.gates]),
)
