"""DynamoDB behind the guard: which partition a call is about is read from the call, and what is not read is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fast.localcloud_aws.world import World, refusal

TABLE = "guarded"
ARN = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{TABLE}"
ACTIONS = [f"dynamodb:{name}" for name in ("DeleteItem", "GetItem", "PutItem", "Query")]


@pytest.fixture(scope="module")
def tables(world: World) -> Iterator[Any]:
    """A client of a role that may do everything in the partition `mine`, and what the deployer made for it."""
    tables, iam = world.client("dynamodb"), world.client("iam")
    tables.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "type", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "type")],
        Tags=[{"Key": "owner", "Value": "test"}],
    )
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}}
    document = {"Effect": "Allow", "Action": ACTIONS, "Resource": ARN, "Condition": own}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [document]})
    node = world.prod.names.role_name("node")
    iam.put_role_policy(RoleName=node, PolicyName="tables", PolicyDocument=policy)
    yield world.client("dynamodb", world.session(node))
    iam.delete_role_policy(RoleName=node, PolicyName="tables")
    tables.delete_table(TableName=TABLE)


def key(partition: str, sort: str = "a") -> dict[str, Any]:
    return {"id": {"S": partition}, "type": {"S": sort}}


def query(partition: str, expression: str = "#id = :id", **more: Any) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "KeyConditionExpression": expression,
        "ExpressionAttributeNames": {"#id": "id"},
        "ExpressionAttributeValues": {":id": {"S": partition}},
        **more,
    }


def put(partition: str) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": key(partition)}}


def test_its_own_partition_and_no_other(tables: Any) -> None:
    tables.put_item(TableName=TABLE, Item=key("mine"))
    assert tables.get_item(TableName=TABLE, Key=key("mine"))["Item"] == key("mine")
    assert tables.query(**query("mine"))["Items"] == [key("mine")]
    for call, parameters in (
        (tables.put_item, {"TableName": TABLE, "Item": key("other")}),
        (tables.get_item, {"TableName": TABLE, "Key": key("other")}),
        (tables.delete_item, {"TableName": TABLE, "Key": key("other")}),
        (tables.query, query("other")),
    ):
        assert refusal(call, **parameters) == "AccessDeniedException"
    tables.delete_item(TableName=TABLE, Key=key("mine"))
    assert tables.query(**query("mine"))["Items"] == []


def test_each_write_of_a_transaction_is_judged(tables: Any) -> None:
    tables.transact_write_items(TransactItems=[put("mine")])
    assert refusal(tables.transact_write_items, TransactItems=[put("mine"), put("other")]) == "AccessDeniedException"
    update = {"Update": {"TableName": TABLE, "Key": key("mine"), "UpdateExpression": "SET a = :a"}}
    assert refusal(tables.transact_write_items, TransactItems=[update]) == "UnsupportedOperation"


@pytest.mark.parametrize(
    "changes",
    [
        {"KeyConditionExpression": "#id = :id AND begins_with(#id, :id)"},
        {"KeyConditionExpression": "other = :id"},
        {"IndexName": "by-owner"},
    ],
)
def test_what_might_be_read_in_two_ways_is_refused(tables: Any, changes: dict[str, str]) -> None:
    assert refusal(tables.query, **{**query("mine"), **changes}) == "UnsupportedOperation"


def test_calls_that_it_has_not(tables: Any) -> None:
    assert refusal(tables.scan, TableName=TABLE) == "UnsupportedOperation"
    assert refusal(tables.execute_statement, Statement=f"SELECT * FROM {TABLE}") == "UnsupportedOperation"
    assert refusal(tables.batch_get_item, RequestItems={TABLE: {"Keys": [key("mine")]}}) == "UnsupportedOperation"


def test_the_deployer_shapes_tables_and_reads_none(world: World, tables: Any) -> None:
    deployer = world.client("dynamodb")
    assert deployer.describe_table(TableName=TABLE)["Table"]["TableArn"] == ARN
    assert refusal(deployer.get_item, TableName=TABLE, Key=key("mine")) == "AccessDeniedException"
    assert refusal(deployer.query, **query("mine")) == "AccessDeniedException"
    assert refusal(tables.describe_table, TableName=TABLE) == "AccessDeniedException"
    missing = {"TableName": "absent", "Key": key("mine")}
    assert refusal(tables.get_item, **missing) == "ResourceNotFoundException"
