"""What Argo CD finds when it starts: one repository, and a second cluster that it gets into by its own role."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import ArgoCdSecrets, ArgoCdSecretsArgs, ArgoCluster, ArgoRepository

argocd = ArgoCdSecrets(
    "argocd",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        repositories={
            "platform": ArgoRepository(
                url="git@git.example.com:platform/deploy.git", remote_key="platform/prod/argocd/platform"
            )
        },
        clusters={
            "in-cluster": ArgoCluster(),
            "workloads": ArgoCluster(
                server="https://workloads.example.com",
                config={
                    "awsAuthConfig": {
                        "clusterName": "workloads",
                        "roleARN": "arn:aws:iam::111122223333:role/argocd",
                    }
                },
            ),
        },
    ),
    pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod")),
)
pulumi.export("repositorySecrets", argocd.repository_secrets)
