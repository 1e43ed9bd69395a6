"""Policies of the tenants' keys: who unwraps which tenant's key, and who makes, rotates and shreds them.

A tenant's key lies wrapped in a table. Whoever wants it has to read the tenant's own entries there *and* unwrap them
with the tenant's name as encryption context; each alone refuses another tenant.
Sources: AWS Encryption SDK Developer Guide, "Implementing least privileged permissions" and "Create an active branch
key"; DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control" (`LeadingKeys`);
AWS Cryptographic Material Providers Library 1.11.3 (the encryption context: `branch-key-id`, `tablename`).
"""

from collections.abc import Sequence
from typing import Any

from .names import TENANTS_ADMINISTRATOR_ROLE, AwsNames
from .statements import Document, Statement, allow, document

_WRAP = ("kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo")
_TABLE = "kms:EncryptionContext:tablename"
_BRANCH_KEY = "kms:EncryptionContext:branch-key-id"


def tenant_key_statements(names: AwsNames) -> Sequence[Statement]:
    """What the policy of the environment's key `tenants` needs, so that it can wrap the tenants' keys.

    The roles may not exist yet, so they are named by condition: the tenants' by the path that only they have, since by
    a name alone `prod` would admit the roles of an environment called `prod-tenant-x`. Each one's own policy says which
    tenant it is.
    """
    unwrap = _by(names, "ArnLike", names.tenant_role_arn("*"))
    wrap = _by(names, "ArnEquals", names.role_arn(TENANTS_ADMINISTRATOR_ROLE))
    return [
        {**allow("TenantsUnwrapTheirKeys", ("kms:Decrypt",), "*", unwrap), "Principal": {"AWS": names.root_arn}},
        {**allow("AdministratorWrapsTenantKeys", _WRAP, "*", wrap), "Principal": {"AWS": names.root_arn}},
    ]


def tenant_policy(names: AwsNames, *, tenants_key_arn: str, tenant: str) -> Document:
    """What a tenant's role may do: read its own wrapped keys, and unwrap them."""
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [tenant]}}
    context = {"StringEquals": {_TABLE: names.tenant_table, _BRANCH_KEY: tenant}}
    return document(
        [
            allow("ReadOwnKeys", ("dynamodb:GetItem",), names.tenant_table_arn, own),
            allow("UnwrapOwnKeys", ("kms:Decrypt",), tenants_key_arn, context),
        ]
    )


def tenants_administrator_policy(names: AwsNames, *, tenants_key_arn: str) -> Document:
    """What the tenants' administrator may do: make, rotate and delete wrapped keys. It unwraps none."""
    entries = ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query")
    context = {"StringEquals": {_TABLE: names.tenant_table}}
    # Without this, ReEncrypt would hand a tenant's key over to a key that somebody else can use.
    same_key = {**context, "Bool": {"kms:ReEncryptOnSameKey": "true"}}
    return document(
        [
            allow("KeepKeys", entries, names.tenant_table_arn, None),
            allow("MakeKeys", _WRAP[:1], tenants_key_arn, context),
            allow("RotateKeys", _WRAP[1:], tenants_key_arn, same_key),
        ]
    )


def principal_trust(*, principals: Sequence[str]) -> Document:
    """Trust in roles and users of the account, by ARN."""
    return document([{**allow("Named", ("sts:AssumeRole",), None, None), "Principal": {"AWS": sorted(principals)}}])


def _by(names: AwsNames, operator: str, role_arn: str) -> dict[str, Any]:
    return {
        "StringEquals": {"kms:CallerAccount": names.account_id, _TABLE: names.tenant_table},
        operator: {"aws:PrincipalArn": role_arn},
    }
