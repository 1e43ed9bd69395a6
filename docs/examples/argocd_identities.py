"""Repositories whose credential is in no cluster: Azure Repos by workload identity, and what EKS Capabilities reads."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoCluster,
    ArgoCredentialTemplate,
    ArgoRepository,
    AzureReposIdentity,
    SecretsManagerReference,
)

# An Argo CD on AKS, whose repo-server is a federated identity that Azure DevOps lets in.
ArgoCdSecrets(
    "azure",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        templates={
            "platform": ArgoCredentialTemplate(
                url="https://dev.azure.com/example/platform/", credential=AzureReposIdentity()
            )
        },
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("aks", context="aks")),
)
# The Argo CD of EKS Capabilities, whose role may read this one secret. It knows clusters by their ARNs.
ArgoCdSecrets(
    "aws",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        repositories={
            "platform": ArgoRepository(
                url="https://git.example.com/platform/deploy.git",
                credential=SecretsManagerReference(
                    secret_arn="arn:aws:secretsmanager:eu-west-1:111122223333:secret:platform/prod/argocd/git-AbCdEf"
                ),
                project="platform",
            )
        },
        clusters={
            "prod": ArgoCluster(
                server="arn:aws:eks:eu-west-1:111122223333:cluster/prod", project="platform", namespaces=["apps"]
            )
        },
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("eks", context="eks")),
)
