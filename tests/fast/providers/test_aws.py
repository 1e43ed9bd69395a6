import json
from typing import Any

import boto3
import pytest

from bootstrap.providers.properties import Properties, Secret, Unknown
from bootstrap.providers.registry import provider
from tests.fast.providers.conftest import REGION
from tests.fast.providers.driver import CallFailedError, Driver

KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
SECRET = "aws:secretsmanager/secret:Secret"
SECRET_POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
TABLE = "aws:dynamodb/table:Table"
ZONE = "aws:route53/zone:Zone"
OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
KEY_INPUTS: Properties = {
    "description": "a key",
    "policy": DOCUMENT,
    "enableKeyRotation": True,
    "rotationPeriodInDays": 365,
    "deletionWindowInDays": 7,
    "tags": {"owner": "me"},
}


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)  # pyright: ignore[reportCallIssue, reportArgumentType]


def unchanged(aws: Driver, token: str, id_: str, inputs: Properties, state: Properties) -> None:
    """A refresh finds what was created: same state, same inputs, no difference."""
    found, refreshed, found_inputs = aws.read(token, id_, inputs, state)
    assert found == id_
    assert refreshed == state
    assert aws.changed(token, found_inputs, inputs) == {}


def gone(aws: Driver, token: str, id_: str, inputs: Properties, state: Properties) -> None:
    aws.delete(token, id_, inputs, state)
    assert aws.read(token, id_, inputs, state)[0] == ""
    aws.delete(token, id_, inputs, state)  # a second time is no error


def test_key(aws: Driver) -> None:
    id_, state = aws.create(KEY, KEY_INPUTS)
    assert state["arn"].endswith(f"key/{id_}")
    assert client("kms").get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"] is True
    unchanged(aws, KEY, id_, KEY_INPUTS, state)

    new = {**KEY_INPUTS, "description": "another", "enableKeyRotation": False, "tags": {"team": "us"}}
    del new["rotationPeriodInDays"]
    assert aws.changed(KEY, KEY_INPUTS, new) == {
        "description": "UPDATE",
        "enableKeyRotation": "UPDATE",
        "rotationPeriodInDays": "DELETE",
        "tags.owner": "DELETE",
        "tags.team": "ADD",
    }
    updated = aws.update(KEY, id_, KEY_INPUTS, new, state)
    assert (updated["description"], updated["tags"]) == ("another", {"team": "us"})
    assert client("kms").get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"] is False

    gone(aws, KEY, id_, new, updated)
    assert client("kms").describe_key(KeyId=id_)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_drift_of_a_key_is_seen_and_repaired(aws: Driver) -> None:
    id_, state = aws.create(KEY, KEY_INPUTS)
    client("kms").update_key_description(KeyId=id_, Description="changed behind our back")
    client("kms").disable_key_rotation(KeyId=id_)
    client("kms").tag_resource(KeyId=id_, Tags=[{"TagKey": "extra", "TagValue": "1"}])
    _, drifted, inputs = aws.read(KEY, id_, KEY_INPUTS, state)
    assert {"description", "enableKeyRotation", "tags.extra"} <= set(aws.changed(KEY, inputs, KEY_INPUTS))
    aws.update(KEY, id_, inputs, KEY_INPUTS, drifted)
    unchanged(aws, KEY, id_, KEY_INPUTS, state)


def test_a_key_that_was_made_by_half_is_recorded(aws: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "EnableKeyRotation")

    monkeypatch.setattr(aws.provider.clients.of("kms"), "enable_key_rotation", refuse)  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(CallFailedError, match="EnableKeyRotation: AccessDeniedException") as failed:
        aws.create(KEY, KEY_INPUTS)
    assert failed.value.init_failed is not None
    assert client("kms").describe_key(KeyId=failed.value.init_failed.id)["KeyMetadata"]["Enabled"]
    assert failed.value.init_failed.properties["keyId"] == failed.value.init_failed.id


def test_alias(aws: Driver) -> None:
    (first, _), (second, _) = aws.create(KEY, {}), aws.create(KEY, {})
    inputs = {"name": "alias/platform/prod/secrets", "targetKeyId": first}
    id_, state = aws.create(ALIAS, inputs)
    assert id_ == inputs["name"]
    assert state["arn"].endswith(":alias/platform/prod/secrets")
    unchanged(aws, ALIAS, id_, inputs, state)
    with pytest.raises(CallFailedError, match="AlreadyExists"):
        aws.create(ALIAS, inputs)
    moved = aws.update(ALIAS, id_, inputs, {**inputs, "targetKeyId": second}, state)
    assert moved["targetKeyArn"].endswith(second)
    assert aws.changed(ALIAS, inputs, {**inputs, "name": "alias/other"}) == {"name": "UPDATE_REPLACE"}
    gone(aws, ALIAS, id_, inputs, moved)


def test_secret(aws: Driver) -> None:
    key, _ = aws.create(KEY, {})
    inputs = {"name": "prod/database", "kmsKeyId": key, "recoveryWindowInDays": 0, "tags": {"a": "b"}}
    id_, state = aws.create(SECRET, inputs)
    assert id_ == state["arn"]
    unchanged(aws, SECRET, id_, inputs, state)
    with pytest.raises(CallFailedError, match="ResourceExistsException"):
        aws.create(SECRET, inputs)
    new = {**inputs, "description": "for the database", "tags": {"c": "d"}}
    updated = aws.update(SECRET, id_, inputs, new, state)
    assert (updated["description"], updated["tags"], updated["tagsAll"]) == ("for the database", {"c": "d"}, {"c": "d"})
    gone(aws, SECRET, id_, new, updated)
    aws.create(SECRET, inputs)  # a window of 0 frees the name at once


def test_a_secret_pending_deletion_counts_as_gone(aws: Driver) -> None:
    inputs = {"name": "prod/database", "recoveryWindowInDays": 7}
    id_, state = aws.create(SECRET, inputs)
    gone(aws, SECRET, id_, inputs, state)
    assert client("secretsmanager").describe_secret(SecretId=id_)["DeletedDate"]


def test_secret_policy(aws: Driver) -> None:
    secret, _ = aws.create(SECRET, {"name": "prod/database"})
    inputs = {"secretArn": secret, "policy": DOCUMENT, "blockPublicPolicy": True}
    id_, state = aws.create(SECRET_POLICY, inputs)
    unchanged(aws, SECRET_POLICY, id_, inputs, state)
    gone(aws, SECRET_POLICY, id_, inputs, state)


def test_secret_version_keeps_its_value_secret(aws: Driver) -> None:
    container, _ = aws.create(SECRET, {"name": "prod/key"})
    inputs = {"secretId": container, "secretString": Secret("the value")}
    id_, state = aws.create(VERSION, inputs)
    assert id_ == f"{container}|{state['versionId']}"
    assert state["secretString"] == Secret("the value")
    _, refreshed, found = aws.read(VERSION, id_, inputs, state)
    assert refreshed["secretString"] == found["secretString"] == Secret("the value")
    assert aws.changed(VERSION, inputs, {**inputs, "secretString": "new"}) == {"secretString": "UPDATE_REPLACE"}

    newer, newer_state = aws.create(VERSION, {**inputs, "secretString": "new"})
    aws.delete(VERSION, id_, inputs, state)
    assert client("secretsmanager").get_secret_value(SecretId=container)["SecretString"] == "new"
    aws.delete(VERSION, newer, inputs, newer_state)


def test_an_imported_secret_version_is_secret_too(aws: Driver) -> None:
    container, _ = aws.create(SECRET, {"name": "prod/key"})
    id_, _ = aws.create(VERSION, {"secretId": container, "secretString": Secret("the value")})
    _, state, inputs = aws.read(VERSION, id_)
    assert state["secretString"] == inputs["secretString"] == Secret("the value")


def test_a_refused_value_is_not_quoted(aws: Driver) -> None:
    with pytest.raises(CallFailedError) as failed:
        aws.create(VERSION, {"secretId": "prod/missing", "secretString": Secret("the value")})
    assert "ResourceNotFoundException" in failed.value.text
    assert "the value" not in failed.value.text


def test_role_with_policies(aws: Driver) -> None:
    inputs = {"name": "operator", "assumeRolePolicy": TRUST, "description": "d", "tags": {"a": "b"}}
    role, state = aws.create(ROLE, inputs)
    assert role == "operator"
    unchanged(aws, ROLE, role, inputs, state)
    with pytest.raises(CallFailedError, match="EntityAlreadyExists"):
        aws.create(ROLE, inputs)

    policy_inputs = {"name": "read", "role": role, "policy": DOCUMENT}
    policy, policy_state = aws.create(ROLE_POLICY, policy_inputs)
    assert policy == "operator:read"
    unchanged(aws, ROLE_POLICY, policy, policy_inputs, policy_state)
    assert aws.create(ROLE_POLICY, policy_inputs)[0] == policy  # a killed run may have left it
    aws.update(
        ROLE_POLICY, policy, policy_inputs, {**policy_inputs, "policy": DOCUMENT.replace("Deny", "Allow")}, policy_state
    )

    arn = client("iam").create_policy(PolicyName="p", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    attached_inputs = {"role": role, "policyArn": arn}
    attached, attached_state = aws.create(ATTACHMENT, attached_inputs)
    unchanged(aws, ATTACHMENT, attached, attached_inputs, attached_state)
    gone(aws, ATTACHMENT, attached, attached_inputs, attached_state)
    gone(aws, ROLE_POLICY, policy, policy_inputs, policy_state)

    trust = TRUST.replace("pods.eks", "ec2")
    new = {**inputs, "assumeRolePolicy": trust, "description": "e", "tags": {}}
    updated = aws.update(ROLE, role, inputs, new, state)
    assert (json.loads(updated["assumeRolePolicy"]), updated["description"]) == (json.loads(trust), "e")
    gone(aws, ROLE, role, new, updated)


def test_a_role_under_a_path(aws: Driver) -> None:
    inputs = {"name": "platform-prod-tenant-acme", "path": "/platform/prod/tenants/", "assumeRolePolicy": TRUST}
    id_, state = aws.create(ROLE, inputs)
    assert (id_, state["path"]) == (inputs["name"], inputs["path"])
    assert state["arn"].endswith(":role/platform/prod/tenants/platform-prod-tenant-acme")
    unchanged(aws, ROLE, id_, inputs, state)
    assert aws.changed(ROLE, inputs, {**inputs, "path": "/other/"}) == {"path": "UPDATE_REPLACE"}
    gone(aws, ROLE, id_, inputs, state)


def test_oidc_provider(aws: Driver) -> None:
    inputs = {
        "url": "https://127.0.0.1:15300",
        "clientIdLists": ["sts.amazonaws.com"],
        "thumbprintLists": ["a" * 40],
        "tags": {"a": "b"},
    }
    id_, state = aws.create(OIDC, inputs)
    assert id_.endswith("oidc-provider/127.0.0.1:15300")
    unchanged(aws, OIDC, id_, inputs, state)
    new = {**inputs, "thumbprintLists": ["b" * 40]}
    updated = aws.update(OIDC, id_, inputs, new, state)
    assert updated["thumbprintLists"] == ["b" * 40]
    unchanged(aws, OIDC, id_, new, updated)
    gone(aws, OIDC, id_, new, updated)


def test_equal_documents_are_no_drift(aws: Driver) -> None:
    spaced = json.dumps(json.loads(DOCUMENT), indent=4)
    secret, _ = aws.create(SECRET, {"name": "prod/database"})
    inputs = {"secretArn": secret, "policy": DOCUMENT}
    id_, state = aws.create(SECRET_POLICY, inputs)
    client("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=spaced)
    _, _, found = aws.read(SECRET_POLICY, id_, inputs, state)
    assert aws.changed(SECRET_POLICY, found, inputs) == {}


def test_another_account_is_refused(aws: Driver) -> None:
    foreign = Driver(provider("aws"), {"region": REGION, "allowedAccountIds": '["111122223333"]'})
    with pytest.raises(CallFailedError, match="of account 123456789012; allowed are 111122223333"):
        foreign.create(KEY, {})
    assert client("kms").list_keys()["Keys"] == []


def test_the_real_aws_is_refused(aws: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with pytest.raises(CallFailedError, match="does not work on the real AWS"):
        aws.create(KEY, {})


def test_eks_is_previewed_and_never_created(aws: Driver) -> None:
    token = "aws:eks/addon:Addon"
    inputs = {"clusterName": "prod", "addonName": "eks-pod-identity-agent"}
    _, state = aws.create(token, inputs, preview=True)
    assert isinstance(state["arn"], Unknown)
    with pytest.raises(CallFailedError, match="the local cloud has no EKS"):
        aws.create(token, inputs)


class FakeEks:
    """Pod Identity associations, which moto does not have."""

    def __init__(self) -> None:
        self.associations: dict[str, dict[str, Any]] = {}

    def create_pod_identity_association(self, **inputs: Any) -> dict[str, Any]:
        id_ = f"a-{len(self.associations)}"
        arn = f"arn:aws:eks:{REGION}:123456789012:podidentityassociation/{inputs['clusterName']}/{id_}"
        self.associations[id_] = {**inputs, "associationId": id_, "associationArn": arn}
        return {"association": self.associations[id_]}

    def describe_pod_identity_association(self, clusterName: str, associationId: str) -> dict[str, Any]:  # noqa: N803
        if associationId not in self.associations:
            from botocore.exceptions import ClientError

            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "Describe")
        return {"association": self.associations[associationId]}

    def update_pod_identity_association(self, clusterName: str, associationId: str, roleArn: str) -> None:  # noqa: N803
        self.associations[associationId]["roleArn"] = roleArn

    def delete_pod_identity_association(self, clusterName: str, associationId: str) -> None:  # noqa: N803
        self.describe_pod_identity_association(clusterName, associationId)
        del self.associations[associationId]

    def tag_resource(self, resourceArn: str, tags: dict[str, str]) -> None:  # noqa: N803
        self.associations[resourceArn.rsplit("/", 1)[-1]]["tags"].update(tags)


def test_pod_identity_association(aws: Driver) -> None:
    token = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
    aws.provider.clients._clients["eks"] = FakeEks()  # pyright: ignore[reportAttributeAccessIssue]
    inputs = {"clusterName": "prod", "namespace": "n", "serviceAccount": "s", "roleArn": "one", "tags": {"a": "b"}}
    id_, state = aws.create(token, inputs)
    assert state["associationId"] == id_ == "a-0"
    unchanged(aws, token, id_, inputs, state)
    assert aws.changed(token, inputs, {**inputs, "namespace": "m"}) == {"namespace": "UPDATE_REPLACE"}
    new = {**inputs, "roleArn": "two", "tags": {"a": "b", "c": "d"}}
    updated = aws.update(token, id_, inputs, new, state)
    assert (updated["roleArn"], updated["tags"]) == ("two", {"a": "b", "c": "d"})
    gone(aws, token, id_, new, updated)


TABLE_INPUTS: Properties = {
    "name": "keys",
    "billingMode": "PAY_PER_REQUEST",
    "attributes": [{"name": "id", "type": "S"}, {"name": "type", "type": "S"}],
    "hashKey": "id",
    "rangeKey": "type",
    "deletionProtectionEnabled": True,
    "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 7},
    "tags": {"owner": "me"},
}


def test_table(aws: Driver) -> None:
    id_, state = aws.create(TABLE, TABLE_INPUTS)
    assert (id_, state["arn"]) == ("keys", "arn:aws:dynamodb:eu-west-1:123456789012:table/keys")
    unchanged(aws, TABLE, id_, TABLE_INPUTS, state)
    with pytest.raises(CallFailedError, match="DeletionProtectionEnabled"):
        aws.delete(TABLE, id_, TABLE_INPUTS, state)

    new = {
        **TABLE_INPUTS,
        "deletionProtectionEnabled": False,
        "pointInTimeRecovery": {"enabled": False},
        "tags": {"team": "us"},
    }
    assert set(aws.changed(TABLE, TABLE_INPUTS, new).values()) <= {"UPDATE", "ADD", "DELETE"}
    updated = aws.update(TABLE, id_, TABLE_INPUTS, new, state)
    unchanged(aws, TABLE, id_, new, updated)
    backups = client("dynamodb").describe_continuous_backups(TableName=id_)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    for replaced in ({"hashKey": "other"}, {"name": "other"}):
        assert "REPLACE" in " ".join(aws.changed(TABLE, new, {**new, **replaced}).values())

    client("dynamodb").update_table(TableName=id_, DeletionProtectionEnabled=True)
    _, _, drifted = aws.read(TABLE, id_, new, updated)
    assert drifted["deletionProtectionEnabled"] is True
    client("dynamodb").update_table(TableName=id_, DeletionProtectionEnabled=False)
    gone(aws, TABLE, id_, new, updated)


def test_zone(aws: Driver) -> None:
    inputs: Properties = {"name": "example.com", "comment": "Managed by Pulumi"}
    id_, state = aws.create(ZONE, inputs)
    assert (state["zoneId"], state["arn"]) == (id_, f"arn:aws:route53:::hostedzone/{id_}")
    assert len(state["nameServers"]) == 4
    unchanged(aws, ZONE, id_, inputs, state)
    for replaced in ({"name": "example.org"}, {"comment": "another"}):
        assert "REPLACE" in " ".join(aws.changed(ZONE, inputs, {**inputs, **replaced}).values())
    gone(aws, ZONE, id_, inputs, state)
