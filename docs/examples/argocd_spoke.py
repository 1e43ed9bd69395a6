"""A spoke: the Argo CD of the hub may deploy to the namespace `apps`, by the group of its access entry in EKS."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import ArgoCdSpoke, ArgoCdSpokeArgs

ArgoCdSpoke(
    "argocd",
    ArgoCdSpokeArgs(subject_kind="Group", subject_name="argocd-hub", namespaces=["apps"]),
    pulumi.ResourceOptions(provider=kubernetes.Provider("spoke", context="workloads")),
)
