"""Secrets Manager: which permissions its calls need, those on the secret's KMS key among them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bootstrap.localcloud.aws.answers import Answer, AwsError, Fault
from bootstrap.localcloud.aws.authorization import Need, document
from bootstrap.localcloud.aws.documents import Documents, is_public
from bootstrap.localcloud.aws.kms import encryption_context, key_need, require_usable
from bootstrap.localcloud.aws.rules import Context, Judged, Rule, Rules, by_moto, by_moto_changing, tag_context, tags_of
from bootstrap.localcloud.aws.wire import ACCOUNT

if TYPE_CHECKING:
    from moto.secretsmanager.models import FakeSecret

_VALIDATION_VERSION = "RequestToValidateKeyAccess"
_MANAGED_KEY = "alias/aws/secretsmanager"
_UNKNOWN_SUFFIX = "-??????"
_NOT_FOUND = "ResourceNotFoundException"


def secretsmanager_rules(documents: Documents) -> Rules:
    """The rule of every Secrets Manager call that the local AWS serves."""
    policy_check = partial(_check_policy, documents)
    return {
        "ListSecrets": Rule(needs=_on_everything),
        "DescribeSecret": Rule(needs=_on_secret, respond=_by_moto),
        "ListSecretVersionIds": Rule(needs=_on_secret, respond=_by_moto),
        "GetResourcePolicy": Rule(needs=_on_secret, check=_alive, respond=_by_moto),
        "GetSecretValue": Rule(needs=_get_value, check=_readable, respond=_read),
        "CreateSecret": Rule(needs=_create, check=_creatable, respond=by_moto_changing),
        "PutSecretValue": Rule(needs=_put_value, check=_writable, respond=_by_moto_changing),
        "UpdateSecret": Rule(needs=_update, check=_writable, respond=_by_moto_changing),
        "UpdateSecretVersionStage": Rule(needs=_on_secret, check=_alive, respond=_move_stage),
        "TagResource": Rule(needs=_on_secret, check=_alive, respond=_by_moto_changing),
        "UntagResource": Rule(needs=_on_secret, check=_alive, respond=_by_moto_changing),
        "PutResourcePolicy": Rule(needs=_on_secret, check=policy_check, respond=_by_moto_changing),
        "DeleteResourcePolicy": Rule(needs=_on_secret, check=_alive, respond=_by_moto_changing),
        "DeleteSecret": Rule(needs=_on_secret, respond=_by_moto_changing),
        "RestoreSecret": Rule(needs=_on_secret, respond=_by_moto_changing),
    }


def _on_everything(judged: Judged) -> Sequence[Need]:
    return [Need(action=judged.call.event, resource="*")]


def _secret(judged: Judged) -> "FakeSecret | None":
    return judged.cloud.secret(judged.region, judged.call.required("SecretId"))


def _on_secret(judged: Judged) -> list[Need]:
    return [_secret_need(judged)]


def _secret_need(judged: Judged) -> Need:
    call, secret = judged.call, _secret(judged)
    context: Context = {"secretsmanager:SecretId": call.required("SecretId"), **_request_context(judged)}
    if secret is None:
        # Whether it exists is told only to those who may ask.
        given = call.required("SecretId")
        arn = given if given.startswith("arn:") else _arn(judged, given)
        return Need(action=call.event, resource=arn, context=context)
    for tag in secret.tags or []:
        context[f"aws:ResourceTag/{tag['Key']}"] = context[f"secretsmanager:ResourceTag/{tag['Key']}"] = tag["Value"]
    return Need(action=call.event, resource=secret.arn, context=context, policy=document(secret.policy))


def _arn(judged: Judged, name: str) -> str:
    return f"arn:aws:secretsmanager:{judged.region}:{ACCOUNT}:secret:{name}{_UNKNOWN_SUFFIX}"


_CONDITIONS = {
    "BlockPublicPolicy": "secretsmanager:BlockPublicPolicy",
    "Description": "secretsmanager:Description",
    "ForceDeleteWithoutRecovery": "secretsmanager:ForceDeleteWithoutRecovery",
    "KmsKeyId": "secretsmanager:KmsKeyId",
    "Name": "secretsmanager:Name",
    "RecoveryWindowInDays": "secretsmanager:RecoveryWindowInDays",
    "VersionId": "secretsmanager:VersionId",
    "VersionStage": "secretsmanager:VersionStage",
}


def _request_context(judged: Judged) -> Context:
    parameters = judged.call.parameters
    context = tag_context(tags_of(parameters.get("Tags")))
    if isinstance(parameters.get("TagKeys"), list):
        context["aws:TagKeys"] = [str(name) for name in parameters["TagKeys"]]
    for name, key in _CONDITIONS.items():
        if parameters.get(name) is not None:
            value = parameters[name]
            context[key] = str(value).lower() if isinstance(value, bool) else str(value)
    return context


def _has_value(parameters: Any) -> bool:
    return "SecretString" in parameters or "SecretBinary" in parameters


def _kms_needs(judged: Judged, key_id: str | None, secret_arn: str, version: str, actions: Sequence[str]) -> list[Need]:
    """What Secrets Manager asks of KMS in the caller's name (User Guide, "Secret encryption and decryption")."""
    if not key_id or key_id == _MANAGED_KEY:
        return []  # the AWS managed key lets in everybody who may use Secrets Manager
    try:
        key = judged.cloud.key(judged.region, key_id)
    except AwsError:
        return []  # see `_require_working_key`
    context: Context = {
        **encryption_context({"SecretARN": secret_arn, "SecretVersionId": version}),
        "kms:ViaService": f"secretsmanager.{judged.region}.amazonaws.com",
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "aws:ViaAWSService": "true",
        "aws:CalledVia": ["secretsmanager.amazonaws.com"],
        "aws:CalledViaFirst": "secretsmanager.amazonaws.com",
        "aws:CalledViaLast": "secretsmanager.amazonaws.com",
    }
    denial = AwsError(Fault.ACCESS_DENIED, "Access to KMS is not allowed")
    return [key_need(judged.cloud, action, key, context, denial) for action in actions]


def _validate_key(judged: Judged, key_id: str | None, secret_arn: str) -> list[Need]:
    return _kms_needs(judged, key_id, secret_arn, _VALIDATION_VERSION, ("GenerateDataKey", "Decrypt"))


def _get_value(judged: Judged) -> list[Need]:
    secret, call = _secret(judged), judged.call
    needs = [_secret_need(judged)]
    version = None if secret is None else _version(secret, call.text("VersionId"), call.text("VersionStage"))
    if secret is not None and version is not None:
        needs += _kms_needs(judged, secret.kms_key_id, secret.arn, version, ("Decrypt",))
    return needs


def _version(secret: "FakeSecret", version: str, stage: str) -> str | None:
    """The version that a read is about: by its id, by a stage, or by both if they agree."""
    stage = stage or ("" if version else "AWSCURRENT")
    for name, one in secret.versions.items():
        if (not version or name == version) and (not stage or stage in one["version_stages"]):
            return name
    return None


def _read(judged: Judged) -> Answer:
    """Moto is told the version: it takes the newest one for the current one."""
    call, secret = judged.call, _existing(judged)
    version, stage = call.text("VersionId"), call.text("VersionStage")
    found = _version(secret, version, stage)
    if found is None:
        what = f"VersionId: {version}" if version else f"staging label: {stage or 'AWSCURRENT'}"
        raise AwsError(_NOT_FOUND, f"Secrets Manager can't find the specified secret value for {what}")
    return by_moto(_with(judged, {"SecretId": secret.arn, "VersionId": found}))


def _existing(judged: Judged) -> "FakeSecret":
    secret = _secret(judged)
    if secret is None:
        raise AwsError(_NOT_FOUND, "Secrets Manager can't find the specified secret.")
    return secret


def _with(judged: Judged, parameters: dict[str, Any]) -> Judged:
    return replace(judged, call=replace(judged.call, parameters=parameters))


def _by_moto(judged: Judged) -> Answer:
    return by_moto(_named(judged))


def _by_moto_changing(judged: Judged) -> Answer:
    return by_moto_changing(_named(judged))


def _move_stage(judged: Judged) -> Answer:
    """Moto takes the version that was written last for the current one: the next write would leave two of them."""
    answer, secret = _by_moto_changing(judged), _existing(judged)
    secret.default_version_id = _version(secret, "", "AWSCURRENT")
    judged.cloud.save("secretsmanager", judged.region)
    return answer


def _named(judged: Judged) -> Judged:
    """With the full ARN of the secret that was judged: moto would also take a name for another one's ARN."""
    return _with(judged, {**judged.call.parameters, "SecretId": _existing(judged).arn})


def _create(judged: Judged) -> list[Need]:
    call, name = judged.call, judged.call.required("Name")
    context, arn = _request_context(judged), _arn(judged, name)
    needs = [Need(action=call.event, resource=arn, context=context)]
    if call.parameters.get("Tags"):
        needs.append(Need(action="secretsmanager:TagResource", resource=arn, context=context))
    key_id = call.text("KmsKeyId")
    needs += _validate_key(judged, key_id, arn)
    if _has_value(call.parameters):
        needs += _kms_needs(judged, key_id, arn, call.text("ClientRequestToken"), ("GenerateDataKey",))
    return needs


def _put_value(judged: Judged) -> list[Need]:
    return [_secret_need(judged), *_write_needs(judged, None)]


def _update(judged: Judged) -> list[Need]:
    needs, secret, key_id = [_secret_need(judged)], _secret(judged), judged.call.text("KmsKeyId") or None
    if secret is not None and key_id is not None:
        needs += _validate_key(judged, key_id, secret.arn)
    return [*needs, *_write_needs(judged, key_id)]


def _write_needs(judged: Judged, new_key: str | None) -> list[Need]:
    secret, call = _secret(judged), judged.call
    if secret is None or not _has_value(call.parameters):
        return []
    version = call.text("ClientRequestToken")
    # A version that exists is decrypted, to compare it: that makes the call idempotent.
    actions = ("GenerateDataKey", "Decrypt") if version in secret.versions else ("GenerateDataKey",)
    return _kms_needs(judged, new_key or secret.kms_key_id, secret.arn, version, actions)


def _alive(judged: Judged) -> None:
    secret = _secret(judged)
    if secret is not None and secret.is_deleted():
        raise AwsError(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        )


def _readable(judged: Judged) -> None:
    _alive(judged)
    secret = _secret(judged)
    if secret is not None and secret.versions:
        _require_working_key(judged, secret.kms_key_id, "DecryptionFailure")


def _writable(judged: Judged) -> None:
    _alive(judged)
    secret = _secret(judged)
    key_id = judged.call.text("KmsKeyId") or (None if secret is None else secret.kms_key_id)
    if "KmsKeyId" in judged.call.parameters or _has_value(judged.call.parameters):
        _require_working_key(judged, key_id, "EncryptionFailure")


def _creatable(judged: Judged) -> None:
    call = judged.call
    if call.parameters.get("AddReplicaRegions"):
        raise AwsError("UnsupportedOperation", "The local AWS does not replicate secrets.")
    existing = judged.cloud.secret(judged.region, call.required("Name"))
    if existing is not None and existing.is_deleted():
        raise AwsError(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
    _require_working_key(judged, call.text("KmsKeyId"), "EncryptionFailure")


def _require_working_key(judged: Judged, key_id: str | None, code: str) -> None:
    if not key_id or key_id == _MANAGED_KEY:
        return
    try:
        require_usable(judged.cloud.key(judged.region, key_id))
    except AwsError as error:
        raise AwsError(code, f"Secrets Manager can't use the KMS key: {error.message}") from None


def _check_policy(documents: Documents, judged: Judged) -> None:
    _alive(judged)
    text = judged.call.required("ResourcePolicy")
    proposed = documents.require(text, "resource", "MalformedPolicyDocumentException")
    if judged.call.parameters.get("BlockPublicPolicy") and is_public(proposed):
        raise AwsError("PublicPolicyException", "The resource policy grants public access, which is blocked.")
