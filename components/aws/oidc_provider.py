"""The IAM OIDC provider of a cluster's issuer, and trust in service accounts whose tokens it knows."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import ClusterRef, ServiceAccountRef
from .forms import OIDC_PROVIDER_ARN, Arn
from .names import AwsNames
from .statements import to_json
from .trust import irsa_trust, tokens_trust


def require_oidc_provider(args: Arguments, names: AwsNames, arn: pulumi.Input[str] | None) -> None:
    """Refuse an `oidc_provider_arn` that is no provider's of the environment's account, as far as it is known."""
    if not isinstance(arn, str):
        return
    args.require_form("oidc_provider_arn", arn, OIDC_PROVIDER_ARN)
    parsed = Arn.parse(arn)
    args.require(
        parsed is not None and parsed.lies_in(names.account_id, names.region),
        "oidc_provider_arn",
        "lies in another account or partition than the environment",
        "name one of this environment's",
    )


@dataclass(frozen=True, kw_only=True)
class TokenTrust:
    """A trust policy. provider_arn: whose tokens it speaks of. gates: the provider, if it was created."""

    policy: pulumi.Output[str]
    provider_arn: pulumi.Input[str]
    gates: Sequence[pulumi.Resource]


def trust_by_token(
    name: str,
    *,
    names: AwsNames,
    cluster: ClusterRef,
    account: ServiceAccountRef,
    oidc_provider_arn: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> TokenTrust:
    """Trust in a service account of a cluster; the OIDC provider is created unless one is adopted.

    name: in front of the provider's name.
    names: the environment's names.
    cluster: whose issuer it is.
    account: whose tokens are trusted.
    oidc_provider_arn: the provider to adopt, of which an account has one for each issuer; None: one is created.
    opts: options of the provider.
    """
    gates: list[pulumi.Resource] = []
    if oidc_provider_arn is None:
        provider = aws.iam.OpenIdConnectProvider(
            f"{name}-issuer",
            url=cluster.issuer_url,
            client_id_lists=["sts.amazonaws.com"],
            thumbprint_lists=list(cluster.issuer_thumbprints) or None,
            tags=names.tags(),
            opts=opts,
        )
        oidc_provider_arn = provider.arn
        gates.append(provider)
    policy = pulumi.Output.all(oidc_provider_arn, cluster.issuer_url).apply(
        lambda values: to_json(
            irsa_trust(
                provider_arn=values[0],
                issuer_url=values[1],
                namespace=account.namespace,
                service_account=account.name,
            )
        )
    )
    return TokenTrust(policy=policy, provider_arn=oidc_provider_arn, gates=gates)


def trust_by_tokens(
    *,
    names: AwsNames,
    cluster: ClusterRef,
    accounts: Sequence[ServiceAccountRef],
    oidc_provider_arn: pulumi.Input[str] | None,
) -> pulumi.Output[str]:
    """Trust in some service accounts of a cluster, whose issuer IAM knows already.

    names: the environment's names.
    cluster: whose issuer it is.
    accounts: whose tokens are trusted.
    oidc_provider_arn: the issuer's provider; None: AwsNames.oidc_provider_arn of it (the operator's identity made it).
    """
    issuer = pulumi.Output.from_input(cluster.issuer_url)
    provider_arn = oidc_provider_arn or issuer.apply(names.oidc_provider_arn)
    return pulumi.Output.all(provider_arn, issuer).apply(
        lambda known: to_json(tokens_trust(provider_arn=known[0], issuer_url=known[1], service_accounts=accounts))
    )
