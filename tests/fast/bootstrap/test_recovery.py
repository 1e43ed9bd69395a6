"""What a killed run created without recording it is removed if it carries our tags, and refused if it does not."""

from pathlib import Path
from typing import Any

import boto3
import pytest

from bootstrap.errors import BootstrapError
from bootstrap.recovery import aws
from bootstrap.recovery.leftover import Leftover

TAGS = {"secrets-bootstrap/environment": "prod", "secrets-bootstrap/prefix": "platform"}
STRANGER = {"owner": "somebody"}
TRUST = '{"Version": "2012-10-17", "Statement": []}'
PROVIDER = "urn:pulumi:local::p::pulumi:providers:aws::prod-aws"


class Cloud:
    """An account of moto."""

    def __init__(self, endpoint: str, account: str) -> None:
        self.environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "x",
        }

    def client(self, service: str) -> Any:
        connect: Any = boto3.Session(self.environment["AWS_ACCESS_KEY_ID"], "x", region_name="eu-west-1").client
        return connect(service, endpoint_url=self.environment["AWS_ENDPOINT_URL"])

    def leftover(self, kind: str, inputs: dict[str, Any], recorded: dict[str, str] | None = None) -> Leftover:
        resources: list[dict[str, Any]] = [
            {"urn": PROVIDER, "type": "pulumi:providers:aws", "id": "1", "inputs": {"region": "eu-west-1"}}
        ]
        resources += [
            {"urn": f"x::{name}", "type": of, "id": name, "provider": f"{PROVIDER}::1"}
            for name, of in (recorded or {}).items()
        ]
        pending = {"urn": f"urn:::{kind}::leftover", "type": kind, "inputs": inputs, "provider": f"{PROVIDER}::1"}
        return Leftover(pending, {"deployment": {"resources": resources}}, Path("/nowhere"), self.environment)


@pytest.fixture
def cloud(moto: str) -> Cloud:
    return Cloud(moto, "123456789012")


def aws_tags(tags: dict[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


def test_an_unrecorded_key_is_deleted_and_no_other(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    tags = {**TAGS, "secrets-bootstrap/key": "etcd"}

    def make(with_tags: dict[str, str]) -> str:
        return kms.create_key(Tags=aws_tags(with_tags, "TagKey", "TagValue"))["KeyMetadata"]["KeyId"]

    ours, recorded, other = make(tags), make(tags), make({**tags, "secrets-bootstrap/key": "secrets"})
    untagged = make({})
    done = aws.remove(cloud.leftover("aws:kms/key:Key", {"tags": tags}, {recorded: "aws:kms/key:Key"}))
    states = {key: kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in (ours, recorded, other, untagged)}
    assert done.startswith("scheduled 1 ")
    assert states == {ours: "PendingDeletion", recorded: "Enabled", other: "Enabled", untagged: "Enabled"}


def test_inputs_without_tags_own_nothing(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert aws.remove(cloud.leftover("aws:kms/key:Key", {})) == "was never created"
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_an_alias_goes_if_its_key_is_ours(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/platform/prod/etcd", TargetKeyId=key)
    inputs = {"name": "alias/platform/prod/etcd"}
    with pytest.raises(BootstrapError, match="did not create"):
        aws.remove(cloud.leftover("aws:kms/alias:Alias", inputs))
    assert aws.remove(cloud.leftover("aws:kms/alias:Alias", inputs, {key: "aws:kms/key:Key"})) == "removed"
    assert aws.remove(cloud.leftover("aws:kms/alias:Alias", inputs, {key: "aws:kms/key:Key"})) == "was never created"


def test_a_container_goes_only_if_ours_and_empty(cloud: Cloud) -> None:
    manager = cloud.client("secretsmanager")
    kind = "aws:secretsmanager/secret:Secret"
    manager.create_secret(Name="ours", Tags=aws_tags(TAGS))
    manager.create_secret(Name="theirs", Tags=aws_tags(STRANGER))
    manager.create_secret(Name="filled", Tags=aws_tags(TAGS), SecretString="value")
    assert aws.remove(cloud.leftover(kind, {"name": "ours", "tags": TAGS})) == "removed the empty container"
    assert aws.remove(cloud.leftover(kind, {"name": "ours", "tags": TAGS})) == "was never created"
    with pytest.raises(BootstrapError, match="without this environment's tags"):
        aws.remove(cloud.leftover(kind, {"name": "theirs", "tags": TAGS}))
    with pytest.raises(BootstrapError, match="holds a value") as error:
        aws.remove(cloud.leftover(kind, {"name": "filled", "tags": TAGS}))
    assert "value of" not in str(error.value)
    assert {one["Name"] for one in manager.list_secrets()["SecretList"]} == {"theirs", "filled"}


def test_roles_and_issuers(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    iam.create_role(RoleName="ours", AssumeRolePolicyDocument=TRUST, Tags=aws_tags(TAGS))
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=TRUST)
    role = "aws:iam/role:Role"
    assert aws.remove(cloud.leftover(role, {"name": "ours", "tags": TAGS})) == "removed"
    assert aws.remove(cloud.leftover(role, {"name": "theirs", "tags": TAGS}, {"theirs": role})) == "is recorded"
    with pytest.raises(BootstrapError, match="without this environment's tags"):
        aws.remove(cloud.leftover(role, {"name": "theirs", "tags": TAGS}))

    iam.create_open_id_connect_provider(Url="https://127.0.0.1:6443", ThumbprintList=["0" * 40], Tags=aws_tags(TAGS))
    issuer = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    inputs = {"url": "https://127.0.0.1:6443", "tags": TAGS}
    assert aws.remove(cloud.leftover(issuer, inputs)) == "removed"
    assert aws.remove(cloud.leftover(issuer, inputs)) == "was never created"


def test_a_table_goes_only_if_ours_and_empty(cloud: Cloud) -> None:
    tables, kind = cloud.client("dynamodb"), "aws:dynamodb/table:Table"

    def make(name: str, tags: dict[str, str]) -> None:
        tables.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            DeletionProtectionEnabled=True,
            Tags=aws_tags(tags),
        )

    for name, tags in (("ours", TAGS), ("theirs", STRANGER), ("filled", TAGS)):
        make(name, tags)
    tables.put_item(TableName="filled", Item={"id": {"S": "x"}})
    assert aws.remove(cloud.leftover(kind, {"name": "theirs", "tags": TAGS}, {"theirs": kind})) == "is recorded"
    assert aws.remove(cloud.leftover(kind, {"name": "ours", "tags": TAGS})) == "removed the empty table"
    assert aws.remove(cloud.leftover(kind, {"name": "ours", "tags": TAGS})) == "was never created"
    with pytest.raises(BootstrapError, match="without this environment's tags"):
        aws.remove(cloud.leftover(kind, {"name": "theirs", "tags": TAGS}))
    with pytest.raises(BootstrapError, match="holds keys"):
        aws.remove(cloud.leftover(kind, {"name": "filled", "tags": TAGS}))
    assert set(tables.list_tables()["TableNames"]) == {"theirs", "filled"}


def test_what_is_put_again_needs_no_removal_and_the_unknown_is_refused(cloud: Cloud) -> None:
    assert "puts the same again" in aws.remove(cloud.leftover("aws:iam/rolePolicy:RolePolicy", {}))
    assert "makes another" in aws.remove(cloud.leftover("aws:route53/zone:Zone", {}))
    with pytest.raises(BootstrapError, match="does not know"):
        aws.remove(cloud.leftover("aws:s3/bucket:Bucket", {}))


def test_the_same_id_of_another_provider_is_another_object(cloud: Cloud) -> None:
    """Two clusters hold objects of the same names, and two accounts roles of the same names."""
    iam, role = cloud.client("iam"), "aws:iam/role:Role"
    iam.create_role(RoleName="ours", AssumeRolePolicyDocument=TRUST, Tags=aws_tags(TAGS))
    leftover = cloud.leftover(role, {"name": "ours", "tags": TAGS}, {"ours": role})
    leftover.state["deployment"]["resources"][1]["provider"] = "another"
    assert aws.remove(leftover) == "removed"
