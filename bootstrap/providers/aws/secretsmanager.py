"""Secrets Manager: containers, their policies, and versions of their values."""

from typing_extensions import override

from bootstrap.providers.aws.resource import TAGS, AwsResource, is_not_found, tag_changes, tag_list, tag_map
from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import ProviderError

_DEFAULT_RECOVERY_DAYS = 30


class Secret(AwsResource):
    """An empty container. Its id is the ARN."""

    fields = {  # noqa: RUF012
        "name": Field(kind=str, required=True, replaces=True),
        "description": Field(kind=str),
        "kmsKeyId": Field(kind=str),
        "recoveryWindowInDays": Field(kind=int),
        "tags": TAGS,
    }
    computed = ("arn", "region", "tagsAll")
    volatile = ("tagsAll",)

    @override
    def make(self, inputs: Properties) -> str:
        optional = {"KmsKeyId": inputs["kmsKeyId"]} if "kmsKeyId" in inputs else {}
        created = self.clients.of("secretsmanager").create_secret(
            Name=inputs["name"],
            Description=inputs.get("description", ""),
            Tags=tag_list(inputs.get("tags")),
            **optional,
        )
        return created["ARN"]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        secret = self.clients.of("secretsmanager").describe_secret(SecretId=id_)
        if "DeletedDate" in secret:
            return None
        return {
            "arn": secret["ARN"],
            "name": secret["Name"],
            "region": self.clients.region,
            "description": secret.get("Description", ""),
            "kmsKeyId": secret.get("KmsKeyId", ""),
            # Secrets Manager does not keep this one: it is a parameter of the deletion.
            "recoveryWindowInDays": known.get("recoveryWindowInDays"),
            "tags": tag_map(secret.get("Tags")),
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        manager = self.clients.of("secretsmanager")
        if any(old.get(key) != new.get(key) for key in ("description", "kmsKeyId")):
            optional = {"KmsKeyId": new["kmsKeyId"]} if "kmsKeyId" in new else {}
            manager.update_secret(SecretId=id_, Description=new.get("description", ""), **optional)
        added, removed = tag_changes(old, new)
        if added:
            manager.tag_resource(SecretId=id_, Tags=tag_list(added))
        if removed:
            manager.untag_resource(SecretId=id_, TagKeys=removed)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        days = state.get("recoveryWindowInDays", _DEFAULT_RECOVERY_DAYS)
        how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        try:
            self.clients.of("secretsmanager").delete_secret(SecretId=id_, **how)
        except Exception as error:
            if not _is_pending_deletion(error):
                raise


class SecretPolicy(AwsResource):
    """A container's resource policy. Its id is the container's ARN."""

    fields = {  # noqa: RUF012
        "secretArn": Field(kind=str, required=True, replaces=True),
        "policy": Field(kind=str, required=True, json_text=True),
        "blockPublicPolicy": Field(kind=bool),
    }
    computed = ("region",)

    @override
    def make(self, inputs: Properties) -> str:
        self._put(inputs)
        return inputs["secretArn"]

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        found = self.clients.of("secretsmanager").get_resource_policy(SecretId=id_)
        if not found.get("ResourcePolicy"):
            return None
        return {
            "secretArn": id_,
            "policy": found["ResourcePolicy"],
            # A parameter of the call, not kept by Secrets Manager.
            "blockPublicPolicy": known.get("blockPublicPolicy"),
            "region": self.clients.region,
        }

    @override
    def change(self, id_: str, old: Properties, new: Properties) -> None:
        self._put(new)

    @override
    def remove(self, id_: str, state: Properties) -> None:
        self.clients.of("secretsmanager").delete_resource_policy(SecretId=id_)

    def _put(self, inputs: Properties) -> None:
        self.clients.of("secretsmanager").put_resource_policy(
            SecretId=inputs["secretArn"],
            ResourcePolicy=inputs["policy"],
            BlockPublicPolicy=inputs.get("blockPublicPolicy", False),
        )


class SecretVersion(AwsResource):
    """A value in a container. Its id is `container|version`.

    A new value is a new version, as in pulumi-aws: it takes the stage AWSCURRENT from the old one. That stage cannot be
    removed, so deleting the current version leaves the value until the container goes.
    """

    fields = {  # noqa: RUF012
        "secretId": Field(kind=str, required=True, replaces=True),
        "secretString": Field(kind=str, required=True, replaces=True),
    }
    computed = ("arn", "versionId", "versionStages", "region")
    secret_outputs = frozenset({"secretString"})

    @override
    def make(self, inputs: Properties) -> str:
        secret_id = inputs["secretId"]
        try:
            put = self.clients.of("secretsmanager").put_secret_value(
                SecretId=secret_id, SecretString=inputs["secretString"]
            )
        except Exception as error:
            # A complaint about a parameter could quote the value: only its code goes on.
            said = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
            raise ProviderError(f"PutSecretValue to {secret_id}: {said}") from None
        return f"{secret_id}|{put['VersionId']}"

    @override
    def live(self, id_: str, known: Properties) -> Properties | None:
        secret_id, version = id_.split("|")
        try:
            found = self.clients.of("secretsmanager").get_secret_value(SecretId=secret_id, VersionId=version)
        except Exception as error:
            if _is_pending_deletion(error):
                return None
            raise
        return {
            "secretId": secret_id,
            "secretString": found.get("SecretString"),
            "arn": found["ARN"],
            "versionId": found["VersionId"],
            "versionStages": found["VersionStages"],
            "region": self.clients.region,
        }

    @override
    def remove(self, id_: str, state: Properties) -> None:
        secret_id, version = id_.split("|")
        manager = self.clients.of("secretsmanager")
        try:
            stages = manager.describe_secret(SecretId=secret_id).get("VersionIdsToStages", {}).get(version, [])
            for stage in stages:
                if stage != "AWSCURRENT":
                    manager.update_secret_version_stage(
                        SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version
                    )
        except Exception as error:
            if not is_not_found(error) and not _is_pending_deletion(error):
                raise


def _is_pending_deletion(error: Exception) -> bool:
    said = getattr(error, "response", {}).get("Error", {})
    return said.get("Code") == "InvalidRequestException" and "delet" in said.get("Message", "")
