"""Policy documents of one environment: pure functions from names to documents, so that tests can read every statement.

No statement names `*` as an action. `Resource: "*"` stands only in key and resource policies, where it means
"this key" or "this secret".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..forms import TENANTS_FOLDER
from .names import EKS_CLUSTER_ROLE, NODE_ROLE, OPERATOR_ROLE, AwsNames
from .statements import Document, Statement, allow, document

Readers = Mapping[str, Sequence[str]]
"""ARNs by the name of the container."""

# What manages a key and does not use it: no Encrypt, Decrypt, GenerateDataKey or CreateGrant (KMS Developer Guide,
# "Allows key administrators to administer the KMS key"). Of what AWS names there, nothing here needs the import of key
# material, replicas, or an end of rotation.
KEY_ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
# Only the key of an EKS cluster is lent to anybody.
GRANT_ADMINISTRATION = ("kms:ListGrants", "kms:RevokeGrant")
READ = ("kms:Decrypt",)
WRITE = ("kms:Decrypt", "kms:GenerateDataKey")
ENCRYPTION_CONTEXT_KEY = "environment"
# Secrets Manager tries the key on behalf of whoever assigns it to a container, with this version id in the encryption
# context (Secrets Manager User Guide, "How Secrets Manager uses your KMS key").
_REQUEST_TO_VALIDATE_KEY = "RequestToValidateKeyAccess"


def secrets_key_policy(
    names: AwsNames,
    *,
    administrators: Sequence[str],
    deployers: Sequence[str],
    writers: Sequence[str],
    canary: str,
    written: Sequence[str],
    filled: Sequence[str] = (),
    readers: Readers | None = None,
    teams: Sequence[Statement] = (),
) -> Document:
    """The policy of the key of the environment's secrets.

    administrators: ARNs of those who manage the key and cannot use it.
    deployers: ARNs of those who assign the key to containers.
    writers: ARNs of those who fill containers.
    canary: the container that the operator fills; it reads all of them.
    written: the containers that the deployers fill.
    filled: other containers that the operator fills.
    readers: who else reads which container; default nobody.
    teams: what the teams' identities need, `team_key_statements`; default none.
    """
    statements = [
        *_common(names, administrators, deployers),
        _by_operator(names, "OperatorReads", READ, [names.secrets_arn()]),
        _by_operator(names, "OperatorWritesCanary", ("kms:GenerateDataKey",), _filled_arns(names, canary, filled)),
    ]
    if written:
        arns = [names.secret_arn(name) for name in written]
        statements.append(_through_secrets_manager(names, "DeployersWriteTheirOwn", deployers, WRITE, arns))
    if writers:
        statements.append(_through_secrets_manager(names, "WritersFillSecrets", writers, WRITE, [names.secrets_arn()]))
    return document([*statements, *_by_readers(names, readers or {}), *teams])


def tenants_key_policy(
    names: AwsNames,
    *,
    administrators: Sequence[str],
    deployers: Sequence[str],
    writers: Sequence[str],
    tenant_keys: Sequence[Statement] = (),
    readers: Readers | None = None,
) -> Document:
    """The policy of the key of the tenants' containers: the same split, with nothing that the program fills.

    tenant_keys: what the tenants' own keys need, `tenant_key_statements`; default none.
    readers: who else reads which container; default nobody.
    """
    tenants = [names.secrets_arn(TENANTS_FOLDER)]
    statements = [*_common(names, administrators, deployers), _by_operator(names, "OperatorReads", READ, tenants)]
    if writers:
        statements.append(_through_secrets_manager(names, "WritersFillSecrets", writers, WRITE, tenants))
    return document([*statements, *_by_readers(names, readers or {}), *tenant_keys])


def node_etcd_key_policy(names: AwsNames, *, administrators: Sequence[str]) -> Document:
    """The policy of a self-managed etcd's key: the node role uses it, with the environment as encryption context."""
    account = _by_role(names, NODE_ROLE)
    used = {
        "StringEquals": {**account["StringEquals"], **_environment_context(names)},
        "ArnEquals": account["ArnEquals"],
    }
    return document(
        [
            _administration(administrators),
            {
                **allow("NodesEncryptEtcd", ("kms:Decrypt", "kms:Encrypt"), "*", used),
                "Principal": {"AWS": names.root_arn},
            },
            {**allow("NodesDescribeKey", ("kms:DescribeKey",), "*", account), "Principal": {"AWS": names.root_arn}},
        ]
    )


def eks_etcd_key_policy(names: AwsNames, *, administrators: Sequence[str], creators: Sequence[str]) -> Document:
    """The policy of an EKS cluster's key: whoever creates the cluster lends the key to EKS by a grant.

    EKS needs CreateGrant *without* `kms:GrantIsForAWSResource`. The cluster's own role must be able to describe the
    key: without it the cluster is created, and its first upgrade is refused.
    Sources: EKS User Guide, "Encrypt Kubernetes secrets with KMS on existing clusters" and "Amazon EKS cluster IAM
    role" (`kms:DescribeKey` is among the least permissions); aws/containers-roadmap #1533.
    """
    administration = _administration(administrators, (*KEY_ADMINISTRATION, *GRANT_ADMINISTRATION))
    grant = allow("ClusterCreatorsGrantToEks", ("kms:CreateGrant", "kms:DescribeKey"), "*", None)
    describe = allow("ClusterRoleDescribesKey", ("kms:DescribeKey",), "*", _by_role(names, EKS_CLUSTER_ROLE))
    return document(
        [
            administration,
            {**grant, "Principal": {"AWS": sorted(creators)}},
            {**describe, "Principal": {"AWS": [names.root_arn]}},
        ]
    )


def sops_key_policy(
    names: AwsNames, *, administrators: Sequence[str], editors: Sequence[str], appliers: Sequence[str] = ()
) -> Document:
    """The policy of the key of SOPS files: SOPS itself calls KMS, with the environment as encryption context."""
    condition = {"StringEquals": {"kms:CallerAccount": names.account_id, **_environment_context(names)}}
    statements = [
        _administration(administrators),
        {
            **allow("EditorsEncryptAndOpen", ("kms:Decrypt", "kms:Encrypt"), "*", condition),
            "Principal": {"AWS": sorted(editors)},
        },
    ]
    if appliers:
        statements.append({**allow("AppliersOpen", READ, "*", condition), "Principal": {"AWS": sorted(appliers)}})
    return document(statements)


def operator_policy(
    names: AwsNames, *, secrets_key_arn: str, tenants_key_arn: str, canary: str, filled: Sequence[str] = ()
) -> Document:
    """What the operator's role may do: read the environment's secrets, and fill the canary and the other `filled` ones.

    A PushSecret on an existing container calls DescribeSecret, PutSecretValue and, having no policy of its own to set,
    DeleteResourcePolicy.
    Source: external-secrets v0.20.4, `pkg/provider/aws/secretsmanager`, `manageResourcePolicy`.
    """
    arns = _filled_arns(names, canary, filled)
    push = ("secretsmanager:DeleteResourcePolicy", "secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue")
    return document(
        [
            allow("ReadSecrets", ("secretsmanager:GetSecretValue",), names.secrets_arn(), None),
            allow("FillCanary", push, arns if filled else arns[0], None),
            allow("DecryptSecrets", READ, secrets_key_arn, _via(names, [names.secrets_arn()])),
            allow("DecryptTenantSecrets", READ, tenants_key_arn, _via(names, [names.secrets_arn(TENANTS_FOLDER)])),
            allow("EncryptCanary", ("kms:GenerateDataKey",), secrets_key_arn, _via(names, arns)),
        ]
    )


def node_policy(names: AwsNames, *, etcd_key_arn: str) -> Document:
    """What a node of a self-managed control plane may do: encrypt etcd's own keys with the environment's key."""
    context = {"StringEquals": _environment_context(names)}
    return document(
        [
            allow("EncryptEtcd", ("kms:Decrypt", "kms:Encrypt"), etcd_key_arn, context),
            allow("DescribeKey", ("kms:DescribeKey",), etcd_key_arn, None),
        ]
    )


def rotation_policy(names: AwsNames, *, secret_arn: str, key_arn: str) -> Document:
    """What the role of a rotation function may do: write versions of one secret, and use its key for that alone.

    `GetRandomPassword`, which knows no resource, is left out: a function can make its own values.
    Source: Secrets Manager User Guide, "Lambda rotation function execution role permissions".
    """
    actions = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
    return document(
        [
            allow("RotateSecret", tuple(f"secretsmanager:{action}" for action in actions), secret_arn, None),
            allow("UseKeyForSecret", WRITE, key_arn, _via(names, [secret_arn])),
        ]
    )


def secret_policy(names: AwsNames, *, readers: Sequence[str]) -> Document:
    """A container's own policy: whatever IAM says, nobody but the operator and the named readers gets the value."""
    return document(
        [
            {
                "Sid": "OnlyNamedReaders",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["secretsmanager:GetSecretValue"],
                "Resource": "*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": sorted({names.role_arn(OPERATOR_ROLE), *readers})}},
            }
        ]
    )


def _common(names: AwsNames, administrators: Sequence[str], deployers: Sequence[str]) -> list[Statement]:
    validate = _through_secrets_manager(names, "DeployersAssignKey", deployers, WRITE, [names.secrets_arn()])
    validate["Condition"]["StringEquals"]["kms:EncryptionContext:SecretVersionId"] = _REQUEST_TO_VALIDATE_KEY
    return [_administration(administrators), validate]


def _administration(administrators: Sequence[str], actions: Sequence[str] = KEY_ADMINISTRATION) -> Statement:
    return {**allow("Administration", actions, "*", None), "Principal": {"AWS": sorted(administrators)}}


def _by_operator(names: AwsNames, sid: str, actions: Sequence[str], secrets: Sequence[str]) -> Statement:
    # The role may not exist yet, and KMS refuses unknown principals: so the account is the principal, and the
    # condition names the role. The role's own policy then has to allow the same.
    statement = _through_secrets_manager(names, sid, [names.root_arn], actions, secrets)
    statement["Condition"]["ArnEquals"] = {"aws:PrincipalArn": names.role_arn(OPERATOR_ROLE)}
    return statement


def _by_readers(names: AwsNames, readers: Readers) -> list[Statement]:
    """One statement for the containers that the same principals read: they decrypt these and no other."""
    containers: dict[tuple[str, ...], list[str]] = {}
    for name, principals in sorted(readers.items()):
        if principals:
            containers.setdefault(tuple(sorted(principals)), []).append(names.secret_arn(name))
    return [
        _through_secrets_manager(names, f"ReadersDecrypt{number}", principals, READ, arns)
        for number, (principals, arns) in enumerate(sorted(containers.items()), 1)
    ]


def _through_secrets_manager(
    names: AwsNames, sid: str, principals: Sequence[str], actions: Sequence[str], secrets: Sequence[str]
) -> Statement:
    condition = _via(names, secrets)
    condition["StringEquals"]["kms:CallerAccount"] = names.account_id
    return {**allow(sid, actions, "*", condition), "Principal": {"AWS": sorted(principals)}}


def _by_role(names: AwsNames, role: str) -> dict[str, Any]:
    return {
        "StringEquals": {"kms:CallerAccount": names.account_id},
        "ArnEquals": {"aws:PrincipalArn": names.role_arn(role)},
    }


def _via(names: AwsNames, secrets: Sequence[str]) -> dict[str, Any]:
    return {
        "StringEquals": {"kms:ViaService": names.secrets_manager_service},
        "StringLike": {"kms:EncryptionContext:SecretARN": sorted(secrets)},
    }


def _environment_context(names: AwsNames) -> dict[str, str]:
    return {f"kms:EncryptionContext:{ENCRYPTION_CONTEXT_KEY}": names.environment}


def _filled_arns(names: AwsNames, canary: str, filled: Sequence[str]) -> list[str]:
    return sorted(names.secret_arn(name) for name in (canary, *filled))
