"""A role for CI jobs, taken with the OIDC token that their platform gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..ci import GITHUB_ISSUER, PURPOSE, CiSubject, described, require_reviewed
from .forms import ECR_REPOSITORY_ARN, OIDC_PROVIDER_ARN, Arn
from .names import AwsNames, issuer_host
from .statements import Document, to_json

_AUDIENCE = "sts.amazonaws.com"
# The claims beside `sub` and `aud` that STS compares, which it does for some issuers only.
# Source: IAM User Guide, "Available keys for AWS OIDC federation", GitHub.
_COMPARED = {
    GITHUB_ISSUER: frozenset(
        {
            "actor",
            "actor_id",
            "enterprise_id",
            "environment",
            "job_workflow_ref",
            "ref",
            "repository",
            "repository_id",
            "workflow",
        }
    )
}
# Source: ECR User Guide, "IAM permissions for pushing an image" and "Pulling an image".
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_PUSH = ("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")


@dataclass(frozen=True, kw_only=True)
class AwsCiRoleArgs(Arguments):
    """Arguments of AwsCiRole.

    names: the environment's names.
    purpose: what the role is for; a word of up to 12 characters, such as images.
    subject: which jobs may take it.
    pull: ARNs of the ECR repositories that it may pull from; default none.
    push: ARNs of the ECR repositories that it may push to and pull from; default none.
    oidc_provider_arn: the IAM OIDC provider of the issuer, of which an account has one; it must know the audience;
        default none: one is created.
    session_seconds: the longest session; seconds, 3600 to 43200; default 3600.
    """

    names: AwsNames
    purpose: str
    subject: CiSubject
    pull: Sequence[str] = ()
    push: Sequence[str] = ()
    oidc_provider_arn: pulumi.Input[str] | None = None
    session_seconds: int = 3600

    def __post_init__(self) -> None:
        self.require_form("purpose", self.purpose, PURPOSE)
        require_reviewed(self.subject, self, "push", writes=bool(self.push))
        issuer = self.subject.issuer
        compared = _COMPARED.get(issuer, ()) if isinstance(issuer, str) else ()
        for claim in self.subject.claims:
            self.require(
                claim in compared,
                "subject",
                f"needs the claim {claim}, and STS compares `sub` and `aud` only for this issuer",
                "choose a subject that its `sub` tells, such as a branch",
            )
        for name in ("pull", "push"):
            for index, arn in enumerate(getattr(self, name)):
                self.require_form(f"{name}.{index}", arn, ECR_REPOSITORY_ARN)
                self._require_here(f"{name}.{index}", arn)
        if isinstance(self.oidc_provider_arn, str):
            self.require_form("oidc_provider_arn", self.oidc_provider_arn, OIDC_PROVIDER_ARN)
            self._require_here("oidc_provider_arn", self.oidc_provider_arn)
        self.require(
            3600 <= self.session_seconds <= 43200, "session_seconds", "is not from 3600 to 43200", "3600 is usual"
        )

    def _require_here(self, field: str, arn: str) -> None:
        parsed = Arn.parse(arn)
        self.require(
            parsed is not None and parsed.lies_in(self.names.account_id, self.names.region),
            field,
            "lies in another account or region than the environment",
            "name one of this environment's",
        )


class AwsCiRole(pulumi.ComponentResource):
    """A role that the jobs of one repository, branch or environment can take, without a stored key.

    Creates:
    - the IAM OIDC provider of the issuer, unless one is adopted;
    - the role `<prefix>-<environment>-ci-<purpose>`, which trusts exactly this issuer, `aud` and `sub`;
    - its policy: to log in to ECR, to pull from and push to the named repositories. Without any it may do nothing.

    Outputs:
    - `role_arn`: the role's ARN, for the job's configuration.
    - `role_name`: the role's name, to attach more policies to. What they allow is not looked at.
    - `gates`: everything that was created.

    Raises ConfigError for a subject that STS cannot tell from others, for `push` to jobs that nobody has reviewed, and
    for ARNs of other accounts and regions.
    Sources: IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM", "Available keys for AWS OIDC
    federation"; ECR User Guide, "IAM permissions for pushing an image".
    """

    role_arn: pulumi.Output[str]
    role_name: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsCiRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsCiRole", name, None, opts)
        names, subject, children = args.names, args.subject, pulumi.ResourceOptions(parent=self)
        self.role_name = names.role_name(f"ci-{args.purpose}")
        made: list[pulumi.Resource] = []
        provider_arn = args.oidc_provider_arn
        if provider_arn is None:
            provider = aws.iam.OpenIdConnectProvider(
                f"{name}-issuer",
                url=subject.issuer,
                client_id_lists=[subject.audience or _AUDIENCE],
                tags=names.tags(),
                opts=children,
            )
            made.append(provider)
            provider_arn = provider.arn
        role = aws.iam.Role(
            f"{name}-role",
            name=self.role_name,
            description=f"CI of {names.prefix} {names.environment}: {args.purpose}",
            assume_role_policy=pulumi.Output.all(provider_arn, subject.issuer).apply(
                lambda known: to_json(ci_trust(subject, provider_arn=known[0], issuer_url=known[1]))
            ),
            max_session_duration=args.session_seconds,
            tags=names.tags(),
            opts=children,
        )
        made.append(role)
        if args.pull or args.push:
            document = to_json(registry_policy(pull=args.pull, push=args.push))
            policy = aws.iam.RolePolicy(
                f"{name}-registry", name="registry", role=role.name, policy=document, opts=children
            )
            made.append(policy)
        self.role_arn, self.gates = role.arn, made
        self.register_outputs(
            {
                "roleArn": role.arn,
                "oidcProviderArn": provider_arn,
                "subject": described(subject, subject.audience or _AUDIENCE),
                "pull": list(args.pull),
                "push": list(args.push),
            }
        )


def ci_trust(subject: CiSubject, *, provider_arn: str, issuer_url: str) -> Document:
    """Trust in the jobs of one subject. `StringLike` stands only where a `sub` ends with what changes in every job."""
    host = issuer_host(issuer_url)
    equal: dict[str, Any] = {f"{host}:aud": subject.audience or _AUDIENCE, **_keys(host, subject.claims)}
    conditions: dict[str, Any] = {"StringEquals": equal}
    if subject.subs:
        equal[f"{host}:sub"] = list(subject.subs)
    else:
        conditions["StringLike"] = {f"{host}:sub": [f"{prefix}*" for prefix in subject.sub_prefixes]}
    return _document(
        {
            "Sid": "CiToken",
            "Effect": "Allow",
            "Action": ["sts:AssumeRoleWithWebIdentity"],
            "Principal": {"Federated": provider_arn},
            "Condition": conditions,
        }
    )


def registry_policy(*, pull: Sequence[str], push: Sequence[str]) -> Document:
    """Pull from and push to the named repositories. `GetAuthorizationToken` logs in to ECR and knows no resource."""
    statements = [{"Sid": "LogIn", "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*"}]
    for sid, actions, arns in (("Pull", _PULL, {*pull, *push}), ("Push", _PUSH, {*push})):
        if arns:
            statements.append({"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": sorted(arns)})
    return _document(*statements)


def _keys(host: str, claims: Mapping[str, str]) -> dict[str, str]:
    return {f"{host}:{claim}": value for claim, value in claims.items()}


def _document(*statements: dict[str, Any]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
