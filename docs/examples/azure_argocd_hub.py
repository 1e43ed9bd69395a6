"""The Argo CD of prod deploys to an AKS cluster of the same tenant, and stores no credential for it."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoCdSpoke,
    ArgoCdSpokeArgs,
    ArgoCluster,
    AzureArgoCdHubIdentity,
    AzureArgoCdHubIdentityArgs,
    AzureNames,
    ClusterRef,
    argocd_aks_config,
)

AUTHORITY = "Q0EgQ0VSVElGSUNBVEU="  # as AKS gives it with the cluster

names = AzureNames(
    prefix="platform",
    environment="prod",
    subscription_id="11111111-1111-1111-1111-111111111111",
    tenant_id="99999999-9999-9999-9999-999999999999",
    location="westeurope",
    resource_group="platform-prod",
    keys_vault="platform-prod-keys",
    secrets_vault="platform-prod-secrets",
)
cluster = ClusterRef(
    name="prod",
    issuer_url="https://westeurope.oic.prod-aks.azure.com/99999999-9999-9999-9999-999999999999/example/",
    provider=kubernetes.Provider("hub", context="prod"),
)
hub = AzureArgoCdHubIdentity("argocd-hub", AzureArgoCdHubIdentityArgs(names=names, cluster=cluster))
ArgoCdSpoke(
    "argocd",
    ArgoCdSpokeArgs(subject_kind="User", subject_name=hub.principal_id, namespaces=["apps"]),
    pulumi.ResourceOptions(provider=kubernetes.Provider("spoke", context="staging")),
)
ArgoCdSecrets(
    "argocd-secrets",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        clusters={
            "staging": ArgoCluster(
                server="https://aks.example.com",
                config=argocd_aks_config(client_id=hub.client_id, tenant_id=names.tenant_id, ca_data=AUTHORITY),
                namespaces=["apps"],
            )
        },
    ),
    pulumi.ResourceOptions(provider=cluster.provider),
)
# For the three service accounts and their pods, in Argo CD's own manifests.
pulumi.export("argoCd", {"annotations": hub.annotations, "podLabels": hub.pod_labels})
