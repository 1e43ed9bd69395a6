"""Route 53: which permissions its calls need, with the records that a policy may limit a caller to.

Served is what a zone with records for ACME's DNS-01 needs. Aliases, routing policies but multi-value answers, private
zones, tags and traffic policies are not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bootstrap.localcloud.aws.answers import AwsError, Fault
from bootstrap.localcloud.aws.authorization import Need
from bootstrap.localcloud.aws.rules import Context, Judged, Rule, Rules, by_moto_changing

_RECORD_SET = frozenset({"Name", "Type", "TTL", "MultiValueAnswer", "SetIdentifier", "ResourceRecords"})


def route53_rules() -> Rules:
    """The rule of every Route 53 call that the local AWS serves."""
    return {
        "CreateHostedZone": Rule(needs=_on_any, check=_check_zone, respond=by_moto_changing),
        "GetHostedZone": Rule(needs=_on_zone),
        "ListResourceRecordSets": Rule(needs=_on_zone),
        "DeleteHostedZone": Rule(needs=_on_zone, respond=by_moto_changing),
        "ChangeResourceRecordSets": Rule(needs=_on_records, respond=by_moto_changing),
        "GetChange": Rule(needs=_on_change),
    }


def _need(judged: Judged, resource: str, context: Context | None = None) -> Sequence[Need]:
    return [Need(action=judged.call.event, resource=f"arn:aws:route53:::{resource}", context=context or {})]


def _on_any(judged: Judged) -> Sequence[Need]:
    return [Need(action=judged.call.event, resource="*")]  # nobody can name a zone that is not there yet


def _on_zone(judged: Judged) -> Sequence[Need]:
    return _need(judged, f"hostedzone/{judged.call.required('HostedZoneId')}")


def _on_change(judged: Judged) -> Sequence[Need]:
    return _need(judged, f"change/{judged.call.required('ChangeId')}")


def _on_records(judged: Judged) -> Sequence[Need]:
    """Source: Route 53 Developer Guide, "Using IAM policy conditions for fine-grained access control"."""
    call = judged.call
    changes = [_change(one) for one in _changes(call.parameters.get("ChangeBatch"))]
    context: Context = {
        "route53:ChangeResourceRecordSetsActions": sorted({action for action, _, _ in changes}),
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": sorted({name for _, name, _ in changes}),
        "route53:ChangeResourceRecordSetsRecordTypes": sorted({kind for _, _, kind in changes}),
    }
    return _need(judged, f"hostedzone/{call.required('HostedZoneId')}", context)


def _check_zone(judged: Judged) -> None:
    given = dict(judged.call.parameters)
    config = given.pop("HostedZoneConfig", {})
    if given.keys() != {"Name", "CallerReference"} or not isinstance(config, Mapping) or config.keys() - {"Comment"}:
        raise AwsError("UnsupportedOperation", "The local AWS has public zones without options but a comment.")


def _changes(batch: Any) -> list[Any]:
    changes = batch.get("Changes") if isinstance(batch, Mapping) else None
    if not isinstance(changes, list) or not changes:
        raise AwsError(Fault.VALIDATION, "ChangeBatch.Changes is required.")
    return changes


def _change(change: Any) -> tuple[str, str, str]:
    """Action, normalised name and type of one change."""
    record = change.get("ResourceRecordSet") if isinstance(change, Mapping) else None
    if not isinstance(record, Mapping) or change.keys() != {"Action", "ResourceRecordSet"}:
        raise AwsError(Fault.VALIDATION, "A change has an Action and a ResourceRecordSet.")
    if not record.keys() <= _RECORD_SET:
        raise AwsError("UnsupportedOperation", "The local AWS has simple and multi-value record sets only.")
    texts = (change["Action"], record.get("Name"), record.get("Type"))
    if not all(isinstance(text, str) and text for text in texts):
        raise AwsError(Fault.VALIDATION, "A change has an action, a name and a type.")
    action, name, kind = texts
    return str(action), normalised(str(name)), str(kind)


def normalised(name: str) -> str:
    """A record's name as the condition key has it: lower case, no dot at the end, other characters as octal codes."""
    if "\\" in name:
        raise AwsError("UnsupportedOperation", "The local AWS takes no escape codes in names.")
    plain = "abcdefghijklmnopqrstuvwxyz0123456789-_."
    return "".join(
        one if one in plain else "".join(f"\\{byte:03o}" for byte in one.encode()) for one in name.lower().rstrip(".")
    )
