"""The operator's identity by IAM Roles for Service Accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityKind, IdentityRef, ServiceAccountRef
from .names import AwsNames
from .oidc_provider import require_oidc_provider, trust_by_token
from .operator_role import OperatorGrant, operator_role


@dataclass(frozen=True, kw_only=True)
class AwsIrsaIdentityArgs(Arguments):
    """Arguments of AwsIrsaIdentity.

    names: the environment's names.
    cluster: where tokens are issued.
    service_account: whose tokens are trusted.
    grant: what the role may do.
    oidc_provider_arn: an IAM OIDC provider to adopt, such as AwsNames.oidc_provider_arn of an issuer that another
        identity has one for; default none: one is created for the cluster's issuer.
    """

    names: AwsNames
    cluster: ClusterRef
    service_account: ServiceAccountRef
    grant: OperatorGrant
    oidc_provider_arn: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        require_oidc_provider(self, self.names, self.oidc_provider_arn)


class AwsIrsaIdentity(pulumi.ComponentResource):
    """A role that one service account of one cluster can take with its own token.

    Creates:
    - the IAM OIDC provider of the cluster's issuer, unless one is adopted;
    - the role `<prefix>-<environment>-external-secrets`, which trusts exactly this issuer, `sub` and `aud`;
    - the role's policy.

    Outputs:
    - `identity`: who the operator is; it presents a token of the service account (IdentityRef).
    - `role_arn`: the role's ARN.
    - `gates`: everything that was created.

    Raises ConfigError if the ARN to adopt is not of an OIDC provider in the environment's account.
    Source: EKS User Guide, "IAM roles for service accounts".
    """

    identity: IdentityRef
    role_arn: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsIrsaIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsIrsaIdentity", name, None, opts)
        account, children = args.service_account, pulumi.ResourceOptions(parent=self)
        trust = trust_by_token(
            name,
            names=args.names,
            cluster=args.cluster,
            account=account,
            oidc_provider_arn=args.oidc_provider_arn,
            opts=children,
        )
        role, policy = operator_role(name, args.names, trust.policy, args.grant, children)
        self.role_arn = role.arn
        self.gates = [*trust.gates, role, policy]
        self.identity = identity_by_token(account, role.arn, self.gates)
        self.register_outputs({"roleArn": role.arn, "oidcProviderArn": trust.provider_arn})


def identity_by_token(
    account: ServiceAccountRef, role_arn: pulumi.Output[str], gates: Sequence[pulumi.Resource]
) -> IdentityRef:
    """What a cluster has to know of a service account that takes a role with its own token."""
    return IdentityRef(
        kind=IdentityKind.IRSA,
        principal=role_arn,
        service_account=account,
        backends=frozenset({"aws"}),
        annotations={"eks.amazonaws.com/role-arn": role_arn},
        store_settings={"auth": {"jwt": {"serviceAccountRef": {"name": account.name, "namespace": account.namespace}}}},
        presents_token=True,
        gates=gates,
    )
