"""The role of an Argo CD that deploys to EKS clusters: it becomes the roles of its spokes, and can do nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import ARGO_CD_ACCOUNTS, ArgoCdAccounts, ClusterRef, IdentityKind, ServiceAccountRef
from .forms import ROLE_ARN
from .names import AwsNames
from .oidc_provider import require_oidc_provider, trust_by_tokens
from .statements import Document, allow, document, to_json
from .trust import pod_identity_trust

HUB_ROLE = "argocd-hub"
HUB_KINDS = (IdentityKind.IRSA, IdentityKind.POD_IDENTITY)


@dataclass(frozen=True, kw_only=True)
class AwsArgoCdHubRoleArgs(Arguments):
    """Arguments of AwsArgoCdHubRole.

    names: the names of the hub's environment.
    cluster: where Argo CD runs.
    spokes: ARNs of the spokes' roles, of any account; they need not exist yet
        (`names.role_arn("argocd-spoke")` of each spoke's environment).
    kind: how Argo CD gets in: IRSA or POD_IDENTITY; default IRSA.
    accounts: whose tokens or pods are trusted; default the three of Argo CD's own manifests, in the namespace argocd.
    oidc_provider_arn: for IRSA, the IAM OIDC provider of the cluster's issuer; default AwsNames.oidc_provider_arn of
        it, which the operator's identity made.
    """

    names: AwsNames
    cluster: ClusterRef
    spokes: Sequence[str]
    kind: IdentityKind = IdentityKind.IRSA
    accounts: ArgoCdAccounts = ARGO_CD_ACCOUNTS
    oidc_provider_arn: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        self.require(self.kind in HUB_KINDS, "kind", "is no identity on AWS", "choose IRSA or POD_IDENTITY")
        self.require(bool(self.spokes), "spokes", "is empty", "name at least one")
        for index, arn in enumerate(self.spokes):
            self.require_form(f"spokes.{index}", arn, ROLE_ARN)
        require_oidc_provider(self, self.names, self.oidc_provider_arn)


class AwsArgoCdHubRole(pulumi.ComponentResource):
    """A role by which the Argo CD of a hub becomes the role of each of its spokes. It holds no credential.

    Creates:
    - the role `<prefix>-<environment>-argocd-hub`, which trusts exactly Argo CD's service accounts of this cluster;
    - its policy: to become the named roles, and nothing else;
    - for Pod Identity, an association for each service account. They are gates: a pod that starts before its own never
      gets credentials.

    Outputs:
    - `role_arn`: the role's ARN; each spoke's AwsArgoCdSpokeRole trusts it.
    - `annotations`: what each of the service accounts must carry; none with Pod Identity.
    - `gates`: everything that was created.

    Raises ConfigError for spokes that are no roles' ARNs, a kind that is not AWS's, and an OIDC provider elsewhere.
    Sources: Argo CD, "Declarative setup", Clusters, EKS (which service accounts; one role for each cluster); EKS User
    Guide, "IAM roles for service accounts", "EKS Pod Identities".
    """

    role_arn: pulumi.Output[str]
    annotations: Mapping[str, pulumi.Input[str]]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsArgoCdHubRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsArgoCdHubRole", name, None, opts)
        names, children = args.names, pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=names.role_name(HUB_ROLE),
            description=f"Argo CD of {names.prefix} {names.environment}: become the roles of its spokes",
            assume_role_policy=_trust(args),
            tags=names.tags(),
            opts=children,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name="enter-spokes",
            role=role.name,
            policy=to_json(hub_policy(kind=args.kind, spokes=args.spokes)),
            opts=children,
        )
        self.role_arn, self.gates = role.arn, [role, policy]
        self.annotations = {"eks.amazonaws.com/role-arn": role.arn} if args.kind is IdentityKind.IRSA else {}
        if args.kind is IdentityKind.POD_IDENTITY:
            self.gates += [self._association(name, args, account, role.arn, policy) for account in args.accounts.refs]
        self.register_outputs(
            {
                "roleArn": role.arn,
                "spokes": list(args.spokes),
                "kind": args.kind,
                "issuer": args.cluster.issuer_url,
                "clusterArn": names.cluster_arn(args.cluster.name),
                "namespace": args.accounts.namespace,
                "serviceAccounts": list(args.accounts.names),
            }
        )

    def _association(
        self,
        name: str,
        args: AwsArgoCdHubRoleArgs,
        account: ServiceAccountRef,
        role_arn: pulumi.Output[str],
        policy: pulumi.Resource,
    ) -> pulumi.Resource:
        return aws.eks.PodIdentityAssociation(
            f"{name}-association-{account.name}",
            cluster_name=args.cluster.name,
            namespace=account.namespace,
            service_account=account.name,
            role_arn=role_arn,
            tags=args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.cluster.gates, policy]),
        )


def _trust(args: AwsArgoCdHubRoleArgs) -> pulumi.Input[str]:
    names = args.names
    if args.kind is IdentityKind.POD_IDENTITY:
        arn, accounts = names.cluster_arn(args.cluster.name), args.accounts
        trust = pod_identity_trust(
            cluster_arn=arn, namespace=accounts.namespace, service_account=sorted(accounts.names)
        )
        return to_json(trust)
    return trust_by_tokens(
        names=names, cluster=args.cluster, accounts=args.accounts.refs, oidc_provider_arn=args.oidc_provider_arn
    )


def hub_policy(*, kind: IdentityKind, spokes: Sequence[str]) -> Document:
    """What the hub's role may do."""
    return document([allow("EnterSpokes", entering(kind), sorted(spokes), None)])


def entering(kind: IdentityKind) -> tuple[str, ...]:
    """What it takes to become a spoke's role. The tags of a Pod Identity session go with it, which needs TagSession.

    Source: EKS User Guide, "Access AWS resources using EKS Pod Identity Target IAM Roles".
    """
    return ("sts:AssumeRole", "sts:TagSession") if kind is IdentityKind.POD_IDENTITY else ("sts:AssumeRole",)
