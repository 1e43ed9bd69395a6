"""KMS: keys and aliases."""

from typing_extensions import override

from bootstrap.providers.aws.resource import TAGS, AwsResource, finishing, tag_changes, tag_list, tag_map
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties

_DEFAULT_WINDOW_DAYS = 30


class Key(AwsResource):
    """A symmetric key. Its id is the key id; a deletion is scheduled, and then counts as done."""

    fields = {  # noqa: RUF012
        "description": Field(kind=str),
        "policy": Field(kind=str, json_text=True, chosen_by_cloud=True),
        "enableKeyRotation": Field(kind=bool),
        "rotationPeriodInDays": Field(kind=int, chosen_by_cloud=True),
        "deletionWindowInDays": Field(kind=int),
        "tags": TAGS,
    }
    computed = ("arn", "keyId", "isEnabled", "region", "tagsAll")
    volatile = ("tagsAll",)

    @override
    def make(self, inputs: Properties) -> str:
        kms = self.clients.of("kms")
        optional = {"Policy": inputs["policy"]} if "policy" in inputs else {}
        created = kms.create_key(
            Description=inputs.get("description", ""),
            Tags=tag_list(inputs.get("tags"), "TagKey", "TagValue"),
            **optional,
        )
        id_ = created["KeyMetadata"]["KeyId"]
        with finishing(id_):
            self._rotate(id_, inputs)
        return id_

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        kms = self.clients.of("kms")
        key = kms.describe_key(KeyId=id_)["KeyMetadata"]
        if key["KeyState"] in {"PendingDeletion", "PendingReplicaDeletion"}:
            return None
        rotation = kms.get_key_rotation_status(KeyId=id_)
        tags = kms.list_resource_tags(KeyId=id_)["Tags"]
        return {
            "arn": key["Arn"],
            "keyId": key["KeyId"],
            "isEnabled": key["Enabled"],
            "region": self.clients.region,
            "description": key.get("Description", ""),
            "policy": kms.get_key_policy(KeyId=id_, PolicyName="default")["Policy"],
            "enableKeyRotation": rotation["KeyRotationEnabled"],
            # moto takes a period and reports none; then the last known one stands.
            "rotationPeriodInDays": rotation.get("RotationPeriodInDays") or known.get("rotationPeriodInDays"),
            # KMS does not keep this one: it is a parameter of the deletion.
            "deletionWindowInDays": known.get("deletionWindowInDays"),
            "tags": tag_map(tags, "TagKey", "TagValue"),
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        kms = self.clients.of("kms")
        if old.get("description") != new.get("description"):
            kms.update_key_description(KeyId=id_, Description=new.get("description", ""))
        if old.get("policy") != new.get("policy") and "policy" in new:
            kms.put_key_policy(KeyId=id_, PolicyName="default", Policy=new["policy"])
        self._rotate(id_, new)
        added, removed = tag_changes(old, new)
        if added:
            kms.tag_resource(KeyId=id_, Tags=tag_list(added, "TagKey", "TagValue"))
        if removed:
            kms.untag_resource(KeyId=id_, TagKeys=removed)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        if self.live(id_, state) is not None:
            days = state.get("deletionWindowInDays") or _DEFAULT_WINDOW_DAYS
            self.clients.of("kms").schedule_key_deletion(KeyId=id_, PendingWindowInDays=days)

    def _rotate(self, id_: str, inputs: Properties) -> None:
        kms = self.clients.of("kms")
        if inputs.get("enableKeyRotation"):
            days = inputs.get("rotationPeriodInDays")
            kms.enable_key_rotation(KeyId=id_, **({"RotationPeriodInDays": days} if days else {}))
        elif kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"]:
            kms.disable_key_rotation(KeyId=id_)


class Alias(AwsResource):
    """A name of a key. Its id is the name."""

    fields = {  # noqa: RUF012
        "name": Field(kind=str, required=True, replaces=True),
        "targetKeyId": Field(kind=str, required=True),
    }
    computed = ("arn", "targetKeyArn", "region")
    volatile = ("targetKeyArn",)

    @override
    def make(self, inputs: Properties) -> str:
        self.clients.of("kms").create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        return inputs["name"]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        # By the key, not by ListAliases: that would need a permission on every key of the account.
        key = self.clients.of("kms").describe_key(KeyId=id_)["KeyMetadata"]
        target, key_arn = key["KeyId"], key["Arn"]
        given = known.get("targetKeyId")
        return {
            "name": id_,
            "arn": f"{key_arn.rsplit(':', 1)[0]}:{id_}",
            "targetKeyId": given if given in {target, key_arn} else target,
            "targetKeyArn": key_arn,
            "region": self.clients.region,
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        self.clients.of("kms").update_alias(AliasName=id_, TargetKeyId=new["targetKeyId"])

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.clients.of("kms").delete_alias(AliasName=id_)
