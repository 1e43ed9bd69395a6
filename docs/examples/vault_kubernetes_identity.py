"""A role for one service account of one cluster; Vault asks the cluster about each token."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ClusterRef,
    ServiceAccountRef,
    VaultKubernetesIdentity,
    VaultKubernetesIdentityArgs,
    VaultNames,
)

# Shortened here.
CLUSTER_CA = """-----BEGIN CERTIFICATE-----
MIIBszCCAVmgAwIBAgIUQ2VydGlmaWNhdGU=
-----END CERTIFICATE-----
"""

identity = VaultKubernetesIdentity(
    "identity",
    VaultKubernetesIdentityArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        cluster=ClusterRef(
            name="prod",
            issuer_url="https://kubernetes.default.svc.cluster.local",
            endpoint="https://prod.example.com:6443",
            ca_certificate=CLUSTER_CA,
            provider=kubernetes.Provider("cluster", context="prod"),
        ),
        service_account=ServiceAccountRef(namespace="external-secrets", name="vault-reader"),
        audience="vault",
        policy="platform-prod-external-secrets",
    ),
)
pulumi.export("role", identity.identity.principal)
