"""The Argo CD of prod deploys to a GKE cluster of another project, and stores no credential for it."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoCdSpoke,
    ArgoCdSpokeArgs,
    ArgoCluster,
    ClusterRef,
    GcpArgoCdHubAccount,
    GcpArgoCdHubAccountArgs,
    GcpNames,
    argocd_gke_config,
)

AUTHORITY = "Q0EgQ0VSVElGSUNBVEU="  # as GKE gives it with the cluster

names = GcpNames(
    prefix="platform",
    environment="prod",
    project_id="example-prod",
    project_number="111122223333",
    location="europe-west1",
)
cluster = ClusterRef(
    name="prod", issuer_url=names.issuer_url("prod"), provider=kubernetes.Provider("hub", context="prod")
)
hub = GcpArgoCdHubAccount(
    "argocd-hub", GcpArgoCdHubAccountArgs(names=names, cluster=cluster, spoke_projects=["example-staging"])
)
ArgoCdSpoke(
    "argocd",
    ArgoCdSpokeArgs(subject_kind="User", subject_name=hub.email, namespaces=["apps"]),
    pulumi.ResourceOptions(provider=kubernetes.Provider("spoke", context="staging")),
)
ArgoCdSecrets(
    "argocd-secrets",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        clusters={
            "staging": ArgoCluster(
                server="https://gke.example.com", config=argocd_gke_config(ca_data=AUTHORITY), namespaces=["apps"]
            )
        },
    ),
    pulumi.ResourceOptions(provider=cluster.provider),
)
pulumi.export("argoCdAnnotations", hub.annotations)  # for the three service accounts, in Argo CD's own manifests
