"""AWS resources that a killed run created without recording them: found by name or tags, removed only if they carry
the environment's tags."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from bootstrap.errors import BootstrapError

if TYPE_CHECKING:
    from bootstrap.recovery.leftover import Leftover

_ABSENT = {"NotFoundException", "ResourceNotFoundException", "NoSuchEntity"}
_FINAL_DELETION_DAYS = 7  # the shortest that KMS allows


def remove(leftover: "Leftover") -> str:
    """Remove the object behind one unrecorded creation and say what was done."""
    kind = leftover.type.rsplit(":", 1)[-1]
    if kind in _PUT_AGAIN:
        return _PUT_AGAIN[kind]
    remover = _REMOVERS.get(kind)
    if remover is None:
        raise BootstrapError(
            leftover.urn, f"recovery does not know {leftover.type}", "look for it in AWS and delete or import it"
        )
    try:
        return remover(leftover)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _ABSENT:
            return "was never created"
        raise


def _key(leftover: "Leftover") -> str:
    kms = leftover.aws_client("kms")
    removed = 0
    for key_id in _key_ids(kms):
        if leftover.is_recorded(key_id):
            continue
        tags = {tag["TagKey"]: tag["TagValue"] for tag in _key_tags(kms, key_id)}
        if _owns(leftover, tags) and kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled":
            kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=_FINAL_DELETION_DAYS)
            removed += 1
    return f"scheduled {removed} unrecorded key(s) for deletion" if removed else "was never created"


def _key_ids(kms: Any) -> Iterator[str]:
    for page in kms.get_paginator("list_keys").paginate():
        yield from (key["KeyId"] for key in page["Keys"])


def _key_tags(kms: Any, key_id: str) -> list[dict[str, str]]:
    try:
        return kms.list_resource_tags(KeyId=key_id)["Tags"]
    except ClientError as error:
        # Somebody else's key: its policy does not admit the deployer, so it is not one that this program made.
        if error.response.get("Error", {}).get("Code") == "AccessDeniedException":
            return []
        raise


def _alias(leftover: "Leftover") -> str:
    kms, name = leftover.aws_client("kms"), leftover.inputs["name"]
    if leftover.is_recorded(name):
        return "is recorded"
    key_id = kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"]
    if not leftover.is_recorded(key_id, "aws:kms/key:Key"):
        raise _not_ours(leftover, f"{name} belongs to a key that this stack did not create")
    kms.delete_alias(AliasName=name)
    return "removed"


def _secret(leftover: "Leftover") -> str:
    manager, name = leftover.aws_client("secretsmanager"), leftover.inputs["name"]
    found = manager.describe_secret(SecretId=name)
    if leftover.is_recorded(found["ARN"]) or found.get("DeletedDate"):
        return "is recorded"
    _require_ours(leftover, {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])})
    if found.get("VersionIdsToStages"):
        raise BootstrapError(
            leftover.urn,
            f"the container {name} holds a value already",
            "import it: pulumi import, or delete it yourself",
        )
    manager.delete_secret(SecretId=found["ARN"], ForceDeleteWithoutRecovery=True)
    return "removed the empty container"


def _role(leftover: "Leftover") -> str:
    iam, name = leftover.aws_client("iam"), leftover.inputs["name"]
    if leftover.is_recorded(name):
        return "is recorded"
    role = iam.get_role(RoleName=name)["Role"]
    _require_ours(leftover, {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])})
    iam.delete_role(RoleName=name)
    return "removed"


def _oidc_provider(leftover: "Leftover") -> str:
    iam, host = leftover.aws_client("iam"), leftover.inputs["url"].removeprefix("https://").rstrip("/")
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = provider["Arn"]
        if arn.partition(":oidc-provider/")[2] != host or leftover.is_recorded(arn):
            continue
        tags = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"]
        _require_ours(leftover, {tag["Key"]: tag["Value"] for tag in tags})
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        return "removed"
    return "was never created"


def _table(leftover: "Leftover") -> str:
    tables, name = leftover.aws_client("dynamodb"), leftover.inputs["name"]
    if leftover.is_recorded(name):
        return "is recorded"
    found = tables.describe_table(TableName=name)["Table"]
    tags = tables.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    _require_ours(leftover, {tag["Key"]: tag["Value"] for tag in tags})
    if found["ItemCount"]:
        raise BootstrapError(
            leftover.urn, f"the table {name} holds keys already", "import it: pulumi import, or delete it yourself"
        )
    tables.update_table(TableName=name, DeletionProtectionEnabled=False)
    tables.delete_table(TableName=name)
    return "removed the empty table"


def _pod_identity_association(leftover: "Leftover") -> str:
    eks, inputs = leftover.aws_client("eks"), leftover.inputs
    account = {"namespace": inputs["namespace"], "serviceAccount": inputs["serviceAccount"]}
    for one in eks.list_pod_identity_associations(clusterName=inputs["clusterName"], **account)["associations"]:
        identifier = {"clusterName": inputs["clusterName"], "associationId": one["associationId"]}
        if leftover.is_recorded(one["associationId"]):
            continue
        _require_ours(leftover, eks.describe_pod_identity_association(**identifier)["association"].get("tags", {}))
        eks.delete_pod_identity_association(**identifier)
        return "removed"
    return "was never created"


def _owns(leftover: "Leftover", tags: Mapping[str, str]) -> bool:
    wanted: Mapping[str, str] = leftover.inputs.get("tags") or {}
    return bool(wanted) and wanted.items() <= tags.items()


def _require_ours(leftover: "Leftover", tags: Mapping[str, str]) -> None:
    if not _owns(leftover, tags):
        raise _not_ours(leftover, "an object of that name exists without this environment's tags")


def _not_ours(leftover: "Leftover", why: str) -> BootstrapError:
    return BootstrapError(leftover.urn, why, "rename one of the two, or import it with `pulumi import`")


_REMOVERS: Mapping[str, Callable[["Leftover"], str]] = {
    "Key": _key,
    "Alias": _alias,
    "Secret": _secret,
    "Role": _role,
    "Table": _table,
    "OpenIdConnectProvider": _oidc_provider,
    "PodIdentityAssociation": _pod_identity_association,
}
_PUT_AGAIN: Mapping[str, str] = {
    "SecretPolicy": "part of a recorded container; the next up puts the same again",
    "SecretVersion": "value of a recorded container; the next up makes the same value current again",
    "RolePolicy": "part of a recorded role; the next up puts the same again",
    "Zone": "has no tags to know it by; the next up makes another, so look for a second zone of this name",
    "RolePolicyAttachment": "part of a recorded role; the next up attaches the same again",
}
