"""A role for one service account of one cluster; Vault checks its tokens by the issuer's keys."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import ClusterRef, ServiceAccountRef, VaultJwtIdentity, VaultJwtIdentityArgs, VaultNames

identity = VaultJwtIdentity(
    "identity",
    VaultJwtIdentityArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        cluster=ClusterRef(
            name="prod",
            issuer_url="https://issuer.example.com/prod",
            provider=kubernetes.Provider("cluster", context="prod"),
        ),
        service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
        audience="vault.example.com",
        policy="platform-prod-external-secrets",
    ),
)
pulumi.export("role", identity.identity.principal)
