"""KMS: which permissions the calls need that use a key, with the encryption context that policies ask for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bootstrap.localcloud.aws.answers import AwsError
from bootstrap.localcloud.aws.authorization import Need
from bootstrap.localcloud.aws.kms import by_moto_plainly, encryption_context, key_need, named_key, require_usable
from bootstrap.localcloud.aws.rules import Context, Judged, Rule, Rules

if TYPE_CHECKING:
    from moto.kms.models import Key

_BLOB_KEY_ID = 36  # moto begins a ciphertext with the id of its key


def kms_usage_rules() -> Rules:
    """The rule of every KMS call that uses a key."""
    return {
        "Encrypt": Rule(needs=_uses_key, check=_usable, respond=by_moto_plainly),
        "GenerateDataKey": Rule(needs=_uses_key, check=_usable, respond=by_moto_plainly),
        "GenerateDataKeyWithoutPlaintext": Rule(needs=_uses_key, check=_usable, respond=by_moto_plainly),
        "Decrypt": Rule(needs=_uses_key, check=_usable_for_blob, respond=by_moto_plainly),
        "ReEncrypt": Rule(needs=_re_encrypts, check=_usable_for_new_blob, respond=by_moto_plainly),
    }


def _used_key(judged: Judged) -> "Key":
    if judged.call.action != "Decrypt" or "KeyId" in judged.call.parameters:
        return named_key(judged)
    return _blob_key(judged)


def _blob_key(judged: Judged) -> "Key":
    name = judged.call.blob("CiphertextBlob")[:_BLOB_KEY_ID].decode(errors="replace")
    key = judged.cloud.kms(judged.region).keys.get(name)
    if key is None:
        raise AwsError("InvalidCiphertextException", "The ciphertext is corrupted or of another key.")
    return key


def _uses_key(judged: Judged) -> Sequence[Need]:
    call = judged.call
    extra: Context = {
        **encryption_context(call.parameters.get("EncryptionContext")),
        "kms:EncryptionAlgorithm": call.text("EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
    }
    if call.text("KeyId").startswith("alias/"):
        extra["kms:RequestAlias"] = call.text("KeyId")
    return [key_need(judged.cloud, call.action, _used_key(judged), extra)]


def _re_encrypts(judged: Judged) -> Sequence[Need]:
    """Permission on both keys, each with its own encryption context."""
    parameters, keys = judged.call.parameters, (_source_key(judged), named_key(judged, "DestinationKeyId"))
    same: Context = {
        "kms:ReEncryptOnSameKey": str(keys[0] is keys[1]).lower(),
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
    contexts = (parameters.get("SourceEncryptionContext"), parameters.get("DestinationEncryptionContext"))
    return [
        key_need(judged.cloud, action, key, {**encryption_context(context), **same})
        for action, key, context in zip(("ReEncryptFrom", "ReEncryptTo"), keys, contexts, strict=True)
    ]


def _source_key(judged: Judged) -> "Key":
    if "SourceKeyId" in judged.call.parameters:
        return named_key(judged, "SourceKeyId")
    return _blob_key(judged)


def _usable_for_new_blob(judged: Judged) -> None:
    _require_no_dry_run(judged)
    require_usable(named_key(judged, "DestinationKeyId"))
    _require_key_of_blob(judged, _source_key(judged))


def _usable(judged: Judged) -> None:
    _require_no_dry_run(judged)
    require_usable(_used_key(judged))


def _require_no_dry_run(judged: Judged) -> None:
    if judged.call.parameters.get("DryRun"):
        raise AwsError("UnsupportedOperation", "The local AWS has no DryRun.")


def _usable_for_blob(judged: Judged) -> None:
    _usable(judged)
    _require_key_of_blob(judged, _used_key(judged))


def _require_key_of_blob(judged: Judged, key: "Key") -> None:
    require_usable(key)
    if _blob_key(judged) is not key:
        raise AwsError("IncorrectKeyException", "The ciphertext was not encrypted by the key of the request.")
