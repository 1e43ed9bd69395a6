"""The operator's role, the same for both identities: only the trust differs."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import KeyRef
from .names import OPERATOR_ROLE, AwsNames
from .policies import operator_policy
from .statements import to_json


@dataclass(frozen=True, kw_only=True)
class OperatorGrant(Arguments):
    """What the operator's role may do.

    secrets_key: the key of the environment's containers, which it may read.
    tenants_key: the key of the tenants' containers, which it may read.
    canary: the name of the container that it may fill; default canary.
    operator_filled: names of other containers that it may fill; default none.
    """

    secrets_key: KeyRef
    tenants_key: KeyRef
    canary: str = "canary"
    operator_filled: Sequence[str] = ()


def operator_role(
    name: str, names: AwsNames, trust: pulumi.Input[str], grant: OperatorGrant, opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """The role `<prefix>-<environment>-external-secrets` and its one inline policy."""
    role = aws.iam.Role(
        f"{name}-role",
        name=names.role_name(OPERATOR_ROLE),
        description=f"External Secrets Operator of {names.prefix} {names.environment}: read its secrets",
        assume_role_policy=trust,
        tags=names.tags(),
        opts=opts,
    )
    document = pulumi.Output.all(grant.secrets_key.id, grant.tenants_key.id).apply(
        lambda arns: to_json(
            operator_policy(
                names,
                secrets_key_arn=arns[0],
                tenants_key_arn=arns[1],
                canary=grant.canary,
                filled=grant.operator_filled,
            )
        )
    )
    policy = aws.iam.RolePolicy(f"{name}-policy", name="read-secrets", role=role.name, policy=document, opts=opts)
    return role, policy
