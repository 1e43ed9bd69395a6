"""What an EKS cluster lets the Argo CD of a hub in as: a role without rights in AWS, and a group in the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityKind
from ..forms import DNS_LABEL
from .argocd_hub import HUB_KINDS, HUB_ROLE, entering
from .forms import ROLE_ARN
from .names import AwsNames
from .statements import Document, allow, document, to_json

SPOKE_ROLE = "argocd-spoke"


@dataclass(frozen=True, kw_only=True)
class AwsArgoCdSpokeRoleArgs(Arguments):
    """Arguments of AwsArgoCdSpokeRole.

    names: the names of the spoke's environment.
    cluster: the spoke; its authentication mode has to know access entries (`API`, or `API_AND_CONFIG_MAP`).
    hub_role_arn: the role of the hub's Argo CD (`AwsArgoCdHubRole.role_arn`), of any account; it has to exist.
    hub_kind: how the hub's Argo CD gets that role, IRSA or POD_IDENTITY; default IRSA.
    group: what the cluster takes Argo CD for in its RBAC; default argocd-hub.
    """

    names: AwsNames
    cluster: ClusterRef
    hub_role_arn: pulumi.Input[str]
    hub_kind: IdentityKind = IdentityKind.IRSA
    group: str = HUB_ROLE

    def __post_init__(self) -> None:
        self.require_form("hub_role_arn", self.hub_role_arn, ROLE_ARN)
        self.require(self.hub_kind in HUB_KINDS, "hub_kind", "is no identity on AWS", "choose IRSA or POD_IDENTITY")
        self.require_form("group", self.group, DNS_LABEL)


class AwsArgoCdSpokeRole(pulumi.ComponentResource):
    """A role that the Argo CD of a hub becomes to get into one EKS cluster. It has no rights in AWS, nor any as such
    in the cluster: ArgoCdSpoke gives its group leave to deploy to some namespaces.

    Creates:
    - the role `<prefix>-<environment>-argocd-spoke`, which trusts exactly the hub's role and has no policy;
    - the cluster's access entry for it, with one Kubernetes group and no access policy.

    Outputs:
    - `role_arn`: for `argocd_eks_config` of the hub's ArgoCluster.
    - `group`: for ArgoCdSpoke, as a `Group`.
    - `gates`: everything that was created.

    Raises ConfigError for a hub that is no role's ARN, a kind that is not AWS's, and a group of Kubernetes' own.
    Sources: Argo CD, "Declarative setup", Clusters, EKS (a role without policies for each cluster); EKS User Guide,
    "Create access entries".
    """

    role_arn: pulumi.Output[str]
    group: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsArgoCdSpokeRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsArgoCdSpokeRole", name, None, opts)
        names = args.names
        role = aws.iam.Role(
            f"{name}-role",
            name=names.role_name(SPOKE_ROLE),
            description=f"Argo CD of a hub, in the cluster of {names.prefix} {names.environment}",
            assume_role_policy=pulumi.Output.from_input(args.hub_role_arn).apply(
                lambda arn: to_json(spoke_trust(hub_role_arn=arn, hub_kind=args.hub_kind))
            ),
            tags=names.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        entry = aws.eks.AccessEntry(
            f"{name}-access",
            cluster_name=args.cluster.name,
            principal_arn=role.arn,
            kubernetes_groups=[args.group],
            tags=names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.cluster.gates),
        )
        self.role_arn, self.group, self.gates = role.arn, args.group, [role, entry]
        self.register_outputs(
            {
                "roleArn": role.arn,
                "hubRoleArn": args.hub_role_arn,
                "hubKind": args.hub_kind,
                "clusterName": args.cluster.name,
                "group": args.group,
            }
        )


def spoke_trust(*, hub_role_arn: str, hub_kind: IdentityKind) -> Document:
    """Trust in the hub's role alone."""
    return document([{**allow("Hub", entering(hub_kind), None, None), "Principal": {"AWS": hub_role_arn}}])
