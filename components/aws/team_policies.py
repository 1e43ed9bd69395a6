"""Policies of the teams' roles: each reads the containers under its prefixes and no others.

Three documents have to agree: the role's own policy names the prefixes, the key's policy names the role, and each
container's policy lets in the role of its team.
"""

from collections.abc import Sequence
from typing import Any

from ..contracts import SecretScope
from .names import LONGEST_ROLE_NAME, AwsNames
from .policies import READ
from .statements import Document, Statement, allow, document

# IAM and AWS STS quotas: a role's trust policy has 2,048 characters, unless more are asked for. Issuer and provider of
# EKS take some 500 of them.
_LONGEST_SUBJECTS = 1500


def team_key_statements(names: AwsNames, scopes: Sequence[SecretScope]) -> Sequence[Statement]:
    """What the policy of the environment's key `secrets` needs, so that the teams' roles can read through it.

    One statement for all of them: a key's policy ends at 32 KiB. Which containers a role may read stands in its own
    policy and in theirs. The roles may not exist yet, so they are named by condition.
    """
    condition = _through_secrets_manager(names, [names.secrets_arn()])
    condition["StringEquals"]["kms:CallerAccount"] = names.account_id
    condition["ArnEquals"] = {"aws:PrincipalArn": sorted(names.role_arn(scope.name) for scope in scopes)}
    return [{**allow("TeamsRead", READ, "*", condition), "Principal": {"AWS": [names.root_arn]}}]


def team_policy(names: AwsNames, *, secrets_key_arn: str, prefixes: Sequence[str]) -> Document:
    """What a team's role may do: read what is under its prefixes."""
    arns = sorted(names.secrets_arn(prefix) for prefix in prefixes)
    return document(
        [
            allow("ReadSecrets", ("secretsmanager:GetSecretValue",), arns, None),
            allow("DecryptSecrets", READ, secrets_key_arn, _through_secrets_manager(names, arns)),
        ]
    )


def role_problems(names: AwsNames, scope: SecretScope) -> list[tuple[str, str, str]]:
    """What IAM would not take of a scope's role: the field, the reason, the mend."""
    problems: list[tuple[str, str, str]] = []
    too_long = len(names.role_name(scope.name)) - LONGEST_ROLE_NAME
    if too_long > 0:
        problems.append(
            (
                "name",
                f"makes the role's name {too_long} characters longer than IAM's {LONGEST_ROLE_NAME}",
                "shorten it or the prefix",
            )
        )
    if sum(len(one.subject) + len('"",') for one in scope.service_accounts) > _LONGEST_SUBJECTS:
        problems.append(
            (
                "namespaces",
                "are too many, or too long, for one role: IAM's trust policies end at 2,048 characters",
                "make two teams of it",
            )
        )
    return problems


def _through_secrets_manager(names: AwsNames, arns: Sequence[str]) -> dict[str, Any]:
    return {
        "StringEquals": {"kms:ViaService": names.secrets_manager_service},
        "StringLike": {"kms:EncryptionContext:SecretARN": list(arns)},
    }
