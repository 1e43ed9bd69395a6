"""A Secret with a database user that Vault made, renewed every half hour."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ClusterRef,
    ServiceAccountRef,
    StoreRef,
    VaultDynamicCredentials,
    VaultDynamicCredentialsArgs,
    VaultJwtIdentity,
    VaultJwtIdentityArgs,
    VaultNames,
)

ADDRESS = "https://vault.example.com:8200"
names = VaultNames(prefix="platform", environment="prod", address=ADDRESS)
cluster = kubernetes.Provider("cluster", context="prod")
operator = VaultJwtIdentity(
    "identity",
    VaultJwtIdentityArgs(
        names=names,
        cluster=ClusterRef(name="prod", issuer_url="https://issuer.example.com/prod", provider=cluster),
        service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
        audience="vault.example.com",
        policy="platform-prod-external-secrets",
    ),
)
account = kubernetes.core.v1.ServiceAccount(
    "database-user",
    metadata=kubernetes.meta.v1.ObjectMetaArgs(name="database-user", namespace="apps"),
    opts=pulumi.ResourceOptions(provider=cluster),
)
credentials = VaultDynamicCredentials(
    "credentials",
    VaultDynamicCredentialsArgs(
        names=names,
        store=StoreRef(backend="vault", settings={"server": ADDRESS, "path": "platform/prod/secrets", "version": "v2"}),
        identity=operator.identity,
        namespace="apps",
        secret_name="database-user",
        service_account="database-user",
        path="platform/prod/database/creds/app",
        policy="platform-prod-database-app",
        after=[account],
    ),
    pulumi.ResourceOptions(providers=[cluster]),
)
pulumi.export("secret", credentials.secret_name)
