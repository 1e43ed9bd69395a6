"""The operator's identity by EKS Pod Identity."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityKind, IdentityRef, ServiceAccountRef
from .names import AwsNames
from .operator_role import OperatorGrant, operator_role
from .statements import to_json
from .trust import pod_identity_trust


@dataclass(frozen=True, kw_only=True)
class AwsPodIdentityArgs(Arguments):
    """Arguments of AwsPodIdentity.

    names: the environment's names.
    cluster: the cluster whose pods are trusted.
    service_account: the operator's own.
    grant: what the role may do.
    """

    names: AwsNames
    cluster: ClusterRef
    service_account: ServiceAccountRef
    grant: OperatorGrant


class AwsPodIdentity(pulumi.ComponentResource):
    """A role that the operator's pod is given by the cluster's Pod Identity agent.

    Creates:
    - the role `<prefix>-<environment>-external-secrets`, which trusts exactly this cluster, namespace and account;
    - the role's policy;
    - the association. It is a gate: a pod that starts before it never gets credentials.

    The agent itself belongs to the cluster.

    Outputs:
    - `identity`: who the operator is; its store has no `auth` (IdentityRef).
    - `role_arn`: the role's ARN.
    - `gates`: everything that was created.

    Sources: EKS User Guide, "EKS Pod Identities"; external-secrets, `docs/provider/aws-access.md` and #2951.
    """

    identity: IdentityRef
    role_arn: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsPodIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsPodIdentity", name, None, opts)
        account, children = args.service_account, pulumi.ResourceOptions(parent=self)
        trust = to_json(
            pod_identity_trust(
                cluster_arn=args.names.cluster_arn(args.cluster.name),
                namespace=account.namespace,
                service_account=account.name,
            )
        )
        role, policy = operator_role(name, args.names, trust, args.grant, children)
        association = aws.eks.PodIdentityAssociation(
            f"{name}-association",
            cluster_name=args.cluster.name,
            namespace=account.namespace,
            service_account=account.name,
            role_arn=role.arn,
            tags=args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, *args.cluster.gates]),
        )
        self.role_arn = role.arn
        self.gates = [role, policy, association]
        self.identity = IdentityRef(
            kind=IdentityKind.POD_IDENTITY,
            principal=role.arn,
            service_account=account,
            backends=frozenset({"aws"}),
            gates=self.gates,
        )
        self.register_outputs({"roleArn": role.arn, "associationArn": association.association_arn})
