"""DynamoDB: which permissions its calls need, with the partition keys that a policy may limit a caller to.

Served is what a table of keys needs: items by their whole key, and a query of one partition. Scans, batches, indexes
and PartiQL are not.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bootstrap.localcloud.aws.answers import AwsError, Fault
from bootstrap.localcloud.aws.authorization import Need
from bootstrap.localcloud.aws.rules import Context, Judged, Rule, Rules, by_moto_changing, tag_context, tags_of
from bootstrap.localcloud.aws.wire import ACCOUNT

_READS = ("DescribeContinuousBackups", "DescribeTable")
_CHANGES = ("CreateTable", "DeleteTable", "UpdateContinuousBackups", "UpdateTable")
_TAGS = ("ListTagsOfResource", "TagResource", "UntagResource")
_WRITES = {"Put": "PutItem", "Delete": "DeleteItem"}
_ONE_PARTITION = re.compile(r"\s*(#?[\w-]+)\s*=\s*(:\w+)\s*")


def dynamodb_rules() -> Rules:
    """The rule of every DynamoDB call that the local AWS serves."""
    return {
        **{action: Rule(needs=_on_table) for action in _READS},
        **{action: Rule(needs=_on_table, respond=by_moto_changing) for action in _CHANGES},
        **{action: Rule(needs=_on_tagged, respond=by_moto_changing) for action in _TAGS},
        "GetItem": Rule(needs=_on_item),
        "DeleteItem": Rule(needs=_on_item, respond=by_moto_changing),
        "PutItem": Rule(needs=_on_item, respond=by_moto_changing),
        "Query": Rule(needs=_on_partition),
        "TransactWriteItems": Rule(needs=_on_each_write, respond=by_moto_changing),
    }


def _need(judged: Judged, action: str, table: str, context: Context) -> Need:
    arn = table if table.startswith("arn:") else f"arn:aws:dynamodb:{judged.region}:{ACCOUNT}:table/{table}"
    return Need(action=f"dynamodb:{action}", resource=arn, context=context)


def _on_table(judged: Judged) -> Sequence[Need]:
    call = judged.call
    needs = [_need(judged, call.action, call.required("TableName"), {})]
    tags = tag_context(tags_of(call.parameters.get("Tags")))
    if tags:
        needs.append(_need(judged, "TagResource", call.required("TableName"), tags))
    return needs


def _on_tagged(judged: Judged) -> Sequence[Need]:
    call = judged.call
    return [_need(judged, call.action, call.required("ResourceArn"), tag_context(tags_of(call.parameters.get("Tags"))))]


def _on_item(judged: Judged) -> Sequence[Need]:
    call = judged.call
    item = call.parameters.get("Item" if call.action == "PutItem" else "Key")
    table = call.required("TableName")
    return [_need(judged, call.action, table, _leading_key(_partition_of(judged, table, item)))]


def _on_partition(judged: Judged) -> Sequence[Need]:
    """A query by the expression `name = :value` alone: whatever else it says, another reader might read otherwise."""
    call = judged.call
    if call.parameters.get("IndexName") or call.parameters.get("KeyConditions"):
        raise AwsError("UnsupportedOperation", "The local AWS queries tables by KeyConditionExpression only.")
    match = _ONE_PARTITION.fullmatch(call.required("KeyConditionExpression"))
    name = match and _named(call.parameters.get("ExpressionAttributeNames"), match[1])
    table = call.required("TableName")
    if match is None or name != _partition_key(judged, table):
        raise AwsError("UnsupportedOperation", "The local AWS queries one whole partition: `name = :value`.")
    values = call.parameters.get("ExpressionAttributeValues")
    value = values.get(match[2]) if isinstance(values, dict) else None
    return [_need(judged, call.action, table, _leading_key(_text_of(value)))]


def _on_each_write(judged: Judged) -> Sequence[Need]:
    """A transaction has no permission of its own: each of its writes needs the one that it would need alone."""
    items = judged.call.parameters.get("TransactItems")
    if not isinstance(items, list) or not items:
        raise AwsError(Fault.VALIDATION, "TransactItems is required.")
    return [_on_write(judged, item) for item in items]


def _on_write(judged: Judged, item: Any) -> Need:
    kind = next(iter(item)) if isinstance(item, dict) and len(item) == 1 else None
    write = item[kind] if kind in _WRITES else None
    if kind is None or not isinstance(write, dict) or not isinstance(write.get("TableName"), str):
        raise AwsError("UnsupportedOperation", "The local AWS has transactions of Put and Delete only.")
    partition = _partition_of(judged, write["TableName"], write.get("Item" if kind == "Put" else "Key"))
    return _need(judged, _WRITES[kind], write["TableName"], _leading_key(partition))


def _leading_key(partition: str) -> Context:
    return {"dynamodb:LeadingKeys": [partition]}


def _partition_of(judged: Judged, table: str, item: Any) -> str:
    """The partition that an item, or the key of one, belongs to."""
    if not isinstance(item, Mapping):
        raise AwsError(Fault.VALIDATION, "The item or its key is required.")
    return _text_of(item.get(_partition_key(judged, table)))


def _text_of(value: Any) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("S"), str) or len(value) != 1:
        raise AwsError(Fault.VALIDATION, "The local AWS has partition keys that are strings.")
    return value["S"]


def _partition_key(judged: Judged, table: str) -> str:
    name = table.rpartition("/")[2]
    found = judged.cloud.tables(judged.region).get(name)
    if found is None:
        raise AwsError("ResourceNotFoundException", "Requested resource not found")
    return found.hash_key_attr


def _named(names: Any, name: str) -> str:
    return str(names.get(name, name)) if isinstance(names, dict) else name
