"""DynamoDB: tables that are paid by the call."""

from typing_extensions import override

from bootstrap.providers.aws.resource import TAGS, AwsResource, finishing, tag_changes, tag_list, tag_map
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties

_TEXT = Field(kind=str, required=True)
_KEY = Field(kind=str, required=True, replaces=True)
_ATTRIBUTE = Field(kind=dict, fields={"name": _TEXT, "type": _TEXT})
_ATTRIBUTES = Field(kind=list, required=True, replaces=True, unordered=True, items=_ATTRIBUTE)


class Table(AwsResource):
    """A table. Its id is its name."""

    fields = {  # noqa: RUF012
        "name": _KEY,
        "billingMode": Field(kind=str, required=True, choices=("PAY_PER_REQUEST",)),
        "attributes": _ATTRIBUTES,
        "hashKey": _KEY,
        "rangeKey": _KEY,
        "deletionProtectionEnabled": Field(kind=bool),
        "pointInTimeRecovery": Field(
            kind=dict,
            fields={"enabled": Field(kind=bool, required=True), "recoveryPeriodInDays": Field(kind=int)},
        ),
        "tags": TAGS,
    }
    computed = ("arn", "region", "tagsAll")
    volatile = ("tagsAll",)

    @override
    def make(self, inputs: Properties) -> str:
        id_, tables = inputs["name"], self.clients.of("dynamodb")
        tables.create_table(
            TableName=id_,
            BillingMode=inputs["billingMode"],
            AttributeDefinitions=[
                {"AttributeName": one["name"], "AttributeType": one["type"]} for one in inputs["attributes"]
            ],
            KeySchema=[
                {"AttributeName": inputs["hashKey"], "KeyType": "HASH"},
                {"AttributeName": inputs["rangeKey"], "KeyType": "RANGE"},
            ],
            DeletionProtectionEnabled=inputs.get("deletionProtectionEnabled", False),
            Tags=tag_list(inputs.get("tags")),
        )
        with finishing(id_):
            self._recover(id_, inputs)
        return id_

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        tables = self.clients.of("dynamodb")
        table = tables.describe_table(TableName=id_)["Table"]
        keys = {one["KeyType"]: one["AttributeName"] for one in table["KeySchema"]}
        backups = tables.describe_continuous_backups(TableName=id_)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]
        enabled = recovery["PointInTimeRecoveryStatus"] == "ENABLED"
        given = known.get("pointInTimeRecovery") or {}
        # moto takes a period and reports none; then the last known one stands.
        days = recovery.get("RecoveryPeriodInDays") or given.get("recoveryPeriodInDays")
        return {
            "arn": table["TableArn"],
            "region": self.clients.region,
            "name": id_,
            "billingMode": table["BillingModeSummary"]["BillingMode"],
            "attributes": [
                {"name": one["AttributeName"], "type": one["AttributeType"]} for one in table["AttributeDefinitions"]
            ],
            "hashKey": keys["HASH"],
            "rangeKey": keys["RANGE"],
            "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
            "pointInTimeRecovery": {"enabled": enabled, **({"recoveryPeriodInDays": days} if enabled and days else {})},
            "tags": tag_map(tables.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]),
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        tables = self.clients.of("dynamodb")
        protected = new.get("deletionProtectionEnabled", False)
        if old.get("deletionProtectionEnabled", False) != protected:
            tables.update_table(TableName=id_, DeletionProtectionEnabled=protected)
        if old.get("pointInTimeRecovery") != new.get("pointInTimeRecovery"):
            self._recover(id_, new)
        added, removed = tag_changes(old, new)
        arn = tables.describe_table(TableName=id_)["Table"]["TableArn"]
        if added:
            tables.tag_resource(ResourceArn=arn, Tags=tag_list(added))
        if removed:
            tables.untag_resource(ResourceArn=arn, TagKeys=removed)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.clients.of("dynamodb").delete_table(TableName=id_)

    def _recover(self, id_: str, inputs: Properties) -> None:
        chosen = inputs.get("pointInTimeRecovery") or {"enabled": False}
        days = chosen.get("recoveryPeriodInDays")
        specification = {"PointInTimeRecoveryEnabled": chosen["enabled"]}
        if chosen["enabled"] and days:
            specification["RecoveryPeriodInDays"] = days
        self.clients.of("dynamodb").update_continuous_backups(
            TableName=id_, PointInTimeRecoverySpecification=specification
        )
