"""KMS: which permissions the calls need that manage keys, and what all of its calls share."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bootstrap.localcloud.aws.answers import Answer, AwsError, Fault
from bootstrap.localcloud.aws.authorization import Need, document
from bootstrap.localcloud.aws.cloud import Cloud
from bootstrap.localcloud.aws.documents import Documents
from bootstrap.localcloud.aws.rules import Context, Judged, Rule, Rules, by_moto, by_moto_changing, tag_context, tags_of
from bootstrap.localcloud.aws.wire import ACCOUNT

if TYPE_CHECKING:
    from moto.kms.models import Key

_MALFORMED = "MalformedPolicyDocumentException"
_READS = ("DescribeKey", "GetKeyPolicy", "ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListResourceTags")
_CHANGES = (
    "CancelKeyDeletion",
    "CreateGrant",  # kept, and nobody is let in by it
    "DisableKey",
    "EnableKey",
    "RevokeGrant",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateKeyDescription",
)


def key_need(
    cloud: Cloud, action: str, key: "Key", extra: Context | None = None, denial: AwsError | None = None
) -> Need:
    """Permission for an action on a key: its policy decides, and IAM too where the policy says so."""
    tags: Mapping[str, str] = cloud.kms(key.region).tagger.get_tag_dict_for_resource(key.id)
    return Need(
        action=f"kms:{action}",
        resource=key.arn,
        context={
            "kms:CallerAccount": ACCOUNT,
            "kms:KeySpec": key.key_spec,
            "kms:KeyUsage": key.key_usage,
            "kms:KeyOrigin": key.origin,
            "kms:MultiRegion": "false",
            "kms:ResourceAliases": sorted(key.aliases),
            **{f"aws:ResourceTag/{name}": value for name, value in tags.items()},
            **(extra or {}),
        },
        policy=document(key.policy),
        denial=denial,
    )


def encryption_context(given: Any) -> Context:
    """The condition keys of an encryption context."""
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise AwsError(Fault.VALIDATION, "EncryptionContext must map strings to strings.")
    keys: Context = {f"kms:EncryptionContext:{name}": value for name, value in given.items()}
    return {**keys, "kms:EncryptionContextKeys": sorted(given)} if given else keys


def require_usable(key: "Key") -> None:
    """A key that is disabled or going away encrypts and decrypts nothing."""
    if key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.")
    if key.key_state != "Enabled":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def by_moto_plainly(judged: Judged) -> Answer:
    """Moto carries the call out, with the plain id of each key; it changes nothing."""
    return _carried_out(judged, by_moto)


def _by_moto_changing(judged: Judged) -> Answer:
    return _carried_out(judged, by_moto_changing)


def _carried_out(judged: Judged, carry_out: Callable[[Judged], Answer]) -> Answer:
    """With the plain id of each key: moto takes an ARN or an alias in some of its calls only."""
    parameters = dict(judged.call.parameters)
    for name in ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"):
        if parameters.get(name):
            parameters[name] = judged.cloud.key(judged.region, judged.call.required(name)).id
    return carry_out(replace(judged, call=replace(judged.call, parameters=parameters)))


def kms_rules(documents: Documents) -> Rules:
    """The rule of every KMS call that the local AWS serves, but those that use a key."""
    return {
        **{action: Rule(needs=_on_key, respond=by_moto_plainly) for action in _READS},
        **{action: Rule(needs=_on_key, respond=_by_moto_changing) for action in _CHANGES},
        "ListKeys": Rule(needs=_on_everything),
        "ListAliases": Rule(needs=_on_everything),
        "GetKeyRotationStatus": Rule(needs=_on_key, respond=_rotation_status),
        "EnableKeyRotation": Rule(needs=_on_key, check=_not_going_away, respond=_enable_rotation),
        "DisableKeyRotation": Rule(needs=_on_key, check=_not_going_away, respond=_by_moto_changing),
        "CreateKey": Rule(needs=_create_key, check=partial(_check_new_key, documents), respond=_finish_new_key),
        "PutKeyPolicy": Rule(needs=_put_policy, check=partial(_check_policy, documents), respond=_by_moto_changing),
        "CreateAlias": Rule(needs=_alias, check=_not_going_away_target, respond=_by_moto_changing),
        "UpdateAlias": Rule(needs=_alias, check=_not_going_away_target, respond=_by_moto_changing),
        "DeleteAlias": Rule(needs=_alias, respond=_by_moto_changing),
    }


def named_key(judged: Judged, parameter: str = "KeyId") -> "Key":
    """The key that a parameter of the call names."""
    return judged.cloud.key(judged.region, judged.call.required(parameter))


def _on_key(judged: Judged) -> Sequence[Need]:
    parameters = judged.call.parameters
    extra = tag_context(tags_of(parameters.get("Tags"), "TagKey", "TagValue"))
    if isinstance(parameters.get("TagKeys"), list):
        extra["aws:TagKeys"] = [str(name) for name in parameters["TagKeys"]]
    for name in ("PendingWindowInDays", "RotationPeriodInDays"):
        if name in parameters:
            key = "kms:ScheduleKeyDeletionPendingWindowInDays" if name[0] == "P" else f"kms:{name}"
            extra[key] = str(parameters[name])
    return [key_need(judged.cloud, judged.call.action, named_key(judged), extra)]


def _on_everything(judged: Judged) -> Sequence[Need]:
    return [Need(action=judged.call.event, resource="*")]


def _bypass(judged: Judged) -> Context:
    return {"kms:BypassPolicyLockoutSafetyCheck": str(_bypasses(judged)).lower()}


def _bypasses(judged: Judged) -> bool:
    return judged.call.parameters.get("BypassPolicyLockoutSafetyCheck") is True


def _create_key(judged: Judged) -> Sequence[Need]:
    tags = tag_context(tags_of(judged.call.parameters.get("Tags"), "TagKey", "TagValue"))
    context: Context = {
        "kms:CallerAccount": ACCOUNT,
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "kms:KeyOrigin": "AWS_KMS",
        "kms:MultiRegion": "false",
        **_bypass(judged),
        **tags,
    }
    needs = [Need(action="kms:CreateKey", resource="*", context=context)]
    if tags:
        new_key = f"arn:aws:kms:{judged.region}:{ACCOUNT}:key/new"
        # The key has no policy yet, and whoever creates it may name himself in it: only IAM is asked.
        root = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
        policy = {"Version": "2012-10-17", "Statement": [root]}
        needs.append(Need(action="kms:TagResource", resource=new_key, context=context, policy=policy))
    return needs


def _check_new_key(documents: Documents, judged: Judged) -> None:
    call = judged.call
    served = {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "MultiRegion": False}
    served["CustomerMasterKeySpec"] = served["KeySpec"]
    for name, value in served.items():
        if call.parameters.get(name) not in (None, value):
            raise AwsError("UnsupportedOperationException", f"The local AWS has only keys whose {name} is {value}.")
    if "Policy" in call.parameters:
        proposed = documents.require(call.required("Policy"), "resource", _MALFORMED)
        _require_not_locked_out(judged, f"arn:aws:kms:{judged.region}:{ACCOUNT}:key/new", proposed)


def _put_policy(judged: Judged) -> Sequence[Need]:
    return [key_need(judged.cloud, "PutKeyPolicy", named_key(judged), _bypass(judged))]


def _check_policy(documents: Documents, judged: Judged) -> None:
    proposed = documents.require(judged.call.required("Policy"), "resource", _MALFORMED)
    _require_not_locked_out(judged, named_key(judged).arn, proposed)


def _require_not_locked_out(judged: Judged, arn: str, proposed: Mapping[str, Any]) -> None:
    """Refuse a policy under which its author could not change it again (KMS Developer Guide, "Default key policy")."""
    again = Need(action="kms:PutKeyPolicy", resource=arn, context={"kms:CallerAccount": ACCOUNT}, policy=proposed)
    if not _bypasses(judged) and not judged.authorizer.allows_with(judged.principal, judged.region, again):
        raise AwsError(_MALFORMED, "The new key policy will not allow you to update the key policy in the future.")


def _finish_new_key(judged: Judged) -> Answer:
    """Moto leaves what was not asked for empty; AWS names it."""
    answer = by_moto(judged)
    if answer.status != 200:
        return answer
    created: dict[str, Any] = json.loads(answer.body)
    key = judged.cloud.key(judged.region, created["KeyMetadata"]["KeyId"])
    key.key_usage, key.multi_region = "ENCRYPT_DECRYPT", False
    judged.cloud.save("kms", judged.region)
    return Answer(answer.status, answer.headers, json.dumps(key.to_dict()).encode())


def _enable_rotation(judged: Judged) -> Answer:
    days = judged.call.parameters.get("RotationPeriodInDays", 365)
    if not isinstance(days, int) or not 90 <= days <= 2560:
        raise AwsError(Fault.VALIDATION, "RotationPeriodInDays must be from 90 to 2560.")
    vars(named_key(judged))["rotation_period_in_days"] = days  # moto does not keep it; it is saved with the key
    return _by_moto_changing(judged)


def _rotation_status(judged: Judged) -> Answer:
    key = named_key(judged)
    status: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": key.key_rotation_status}
    if key.key_rotation_status:
        status["RotationPeriodInDays"] = vars(key).get("rotation_period_in_days", 365)
    return Answer.json(status, content_type="application/x-amz-json-1.1")


def _not_going_away(judged: Judged) -> None:
    _require_not_going_away(named_key(judged))


def _not_going_away_target(judged: Judged) -> None:
    _require_not_going_away(judged.cloud.key(judged.region, judged.call.required("TargetKeyId")))


def _require_not_going_away(key: "Key") -> None:
    if key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _alias(judged: Judged) -> Sequence[Need]:
    """Permission on the alias, by IAM, and on each key that it names or will name."""
    call, name = judged.call, judged.call.required("AliasName")
    if not name.startswith("alias/"):
        raise AwsError(Fault.VALIDATION, "An alias begins with alias/")
    alias = Need(
        action=call.event,
        resource=f"arn:aws:kms:{judged.region}:{ACCOUNT}:{name}",
        context={"kms:CallerAccount": ACCOUNT, "kms:RequestAlias": name},
    )
    names = [] if call.action == "CreateAlias" else [name]
    names += [] if call.action == "DeleteAlias" else [call.required("TargetKeyId")]
    return [alias, *(key_need(judged.cloud, call.action, judged.cloud.key(judged.region, one)) for one in names)]
