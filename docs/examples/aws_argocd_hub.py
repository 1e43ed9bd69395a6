"""The Argo CD of prod deploys to the EKS cluster of staging, in another account, and stores no credential for it."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components import (
    ArgoCdSecrets,
    ArgoCdSecretsArgs,
    ArgoCdSpoke,
    ArgoCdSpokeArgs,
    ArgoCluster,
    AwsArgoCdHubRole,
    AwsArgoCdHubRoleArgs,
    AwsArgoCdSpokeRole,
    AwsArgoCdSpokeRoleArgs,
    AwsNames,
    ClusterRef,
    argocd_eks_config,
)

AUTHORITY = "Q0EgQ0VSVElGSUNBVEU="  # as EKS gives it with the cluster
ISSUER = "https://oidc.eks.eu-west-1.amazonaws.com/id"

prod = AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1")
staging = AwsNames(prefix="platform", environment="staging", account_id="444455556666", region="eu-west-1")
hub = ClusterRef(
    name="prod",
    issuer_url=f"{ISSUER}/EXAMPLED539D4633E53DE1B71EXAMPLE",
    provider=kubernetes.Provider("hub", context="prod"),
)
spoke = ClusterRef(
    name="staging",
    issuer_url=f"{ISSUER}/EXAMPLE0123456789ABCDEF0EXAMPLE",
    provider=kubernetes.Provider("spoke", context="staging"),
)
in_staging = aws.Provider("staging", region=staging.region, allowed_account_ids=[staging.account_id])

hub_role = AwsArgoCdHubRole(
    "argocd-hub",
    AwsArgoCdHubRoleArgs(names=prod, cluster=hub, spokes=[staging.role_arn("argocd-spoke")]),
)
spoke_role = AwsArgoCdSpokeRole(
    "argocd-spoke",
    AwsArgoCdSpokeRoleArgs(names=staging, cluster=spoke, hub_role_arn=hub_role.role_arn),
    pulumi.ResourceOptions(providers=[in_staging]),
)
ArgoCdSpoke(
    "argocd",
    ArgoCdSpokeArgs(subject_kind="Group", subject_name=spoke_role.group, namespaces=["apps"]),
    pulumi.ResourceOptions(provider=spoke.provider),
)
ArgoCdSecrets(
    "argocd-secrets",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        clusters={
            "staging": ArgoCluster(
                server="https://eks.example.com",
                config=argocd_eks_config(cluster_name=spoke.name, role_arn=spoke_role.role_arn, ca_data=AUTHORITY),
                namespaces=["apps"],
            )
        },
    ),
    pulumi.ResourceOptions(provider=hub.provider),
)
pulumi.export("argoCdAnnotations", hub_role.annotations)  # for the three service accounts, in Argo CD's own manifests
