"""The operator's identity by IAM Roles for Service Accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityKind, IdentityRef, ServiceAccountRef
from .forms import OIDC_PROVIDER_ARN, Arn
from .names import AwsNames
from .operator_role import OperatorGrant, operator_role
from .policies import irsa_trust, to_json


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
        # What becomes known only later is not looked at.
        if not isinstance(self.oidc_provider_arn, str):
            return
        self.require_form("oidc_provider_arn", self.oidc_provider_arn, OIDC_PROVIDER_ARN)
        arn = Arn.parse(self.oidc_provider_arn)
        self.require(
            arn is not None and arn.lies_in(self.names.account_id, self.names.region),
            "oidc_provider_arn",
            "lies in another account or partition than the environment",
            "name one of this environment's",
        )


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
        account = args.service_account
        provider_gates: list[pulumi.Resource] = []
        provider_arn: pulumi.Input[str]
        if args.oidc_provider_arn is not None:
            provider_arn = args.oidc_provider_arn
        else:
            provider = aws.iam.OpenIdConnectProvider(
                f"{name}-issuer",
                url=args.cluster.issuer_url,
                client_id_lists=["sts.amazonaws.com"],
                thumbprint_lists=list(args.cluster.issuer_thumbprints) or None,
                tags=args.names.tags(),
                opts=pulumi.ResourceOptions(parent=self),
            )
            provider_arn, provider_gates = provider.arn, [provider]
        trust = pulumi.Output.all(provider_arn, args.cluster.issuer_url).apply(
            lambda values: to_json(
                irsa_trust(
                    provider_arn=values[0],
                    issuer_url=values[1],
                    namespace=account.namespace,
                    service_account=account.name,
                )
            )
        )
        role, policy = operator_role(name, args.names, trust, args.grant, pulumi.ResourceOptions(parent=self))
        self.role_arn = role.arn
        self.gates = [*provider_gates, role, policy]
        self.identity = IdentityRef(
            kind=IdentityKind.IRSA,
            principal=role.arn,
            service_account=account,
            backends=frozenset({"aws"}),
            annotations={"eks.amazonaws.com/role-arn": role.arn},
            store_settings={
                "auth": {"jwt": {"serviceAccountRef": {"name": account.name, "namespace": account.namespace}}}
            },
            presents_token=True,
            gates=self.gates,
        )
        self.register_outputs({"roleArn": role.arn, "oidcProviderArn": provider_arn})
