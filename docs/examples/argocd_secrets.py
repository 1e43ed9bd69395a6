"""A hub: what Argo CD reads, and clusters that it gets into by its own identity."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoCluster,
    ArgoCredentialTemplate,
    ArgoRepository,
    GitHubApp,
    SshKey,
    argocd_aks_config,
    argocd_eks_config,
    argocd_gke_config,
)

AUTHORITY = "Q0EgQ0VSVElGSUNBVEU="  # as the cloud gives it with the cluster

argocd = ArgoCdSecrets(
    "argocd",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        repositories={
            "platform": ArgoRepository(
                url="git@git.example.com:platform/deploy.git",
                credential=SshKey(remote_key="platform/prod/argocd/platform"),
                project="platform",
            )
        },
        templates={
            "example-org": ArgoCredentialTemplate(
                url="https://github.com/example-org/",
                credential=GitHubApp(app_id=12345, installation_id=67890, remote_key="platform/prod/argocd/github-app"),
            )
        },
        clusters={
            "in-cluster": ArgoCluster(),
            "eks": ArgoCluster(
                server="https://eks.example.com",
                config=argocd_eks_config(
                    cluster_name="workloads", role_arn="arn:aws:iam::111122223333:role/argocd-spoke", ca_data=AUTHORITY
                ),
                namespaces=["apps"],
            ),
            "gke": ArgoCluster(
                server="https://gke.example.com", config=argocd_gke_config(ca_data=AUTHORITY), namespaces=["apps"]
            ),
            "aks": ArgoCluster(
                server="https://aks.example.com",
                config=argocd_aks_config(
                    client_id="11111111-1111-1111-1111-111111111111",
                    tenant_id="22222222-2222-2222-2222-222222222222",
                    ca_data=AUTHORITY,
                ),
                project="platform",
            ),
        },
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("hub", context="hub")),
)
pulumi.export("repositorySecrets", argocd.repository_secrets)
