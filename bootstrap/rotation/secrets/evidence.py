"""What a cluster must show before a rotation goes on. Each check returns what is missing, or nothing."""

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bootstrap.errors import BootstrapError
from bootstrap.rotation.secrets.consumers import Synced, Workload
from bootstrap.verification.environment import EnvironmentView

Value = Mapping[str, str] | str


def not_synced(view: EnvironmentView, one: Synced, value: Value) -> str | None:
    """Whether an ExternalSecret is Ready and its Secret holds the manager's value."""
    reason = ready_reason(view.get(one.path))
    if reason != "SecretSynced":
        return f"ExternalSecret {one.namespace}/{one.name} is {reason}"
    if one.comparable:
        data = view.secret_data(one.namespace, one.secret)
        wanted = {key: part for key, name in one.keys.items() if (part := _part(value, name, one)) is not None}
        if not all(hmac.compare_digest(data.get(key, b""), part.encode()) for key, part in wanted.items()):
            return f"Secret {one.namespace}/{one.secret} holds another value than the manager"
    return None


def ready_reason(external_secret: Mapping[str, Any]) -> str:
    """Why an ExternalSecret is ready or not, in the operator's word."""
    conditions = external_secret.get("status", {}).get("conditions", [])
    return next((one["reason"] for one in conditions if one["type"] == "Ready"), "not looked at yet")


def obstacles(synced: Sequence[Synced], workloads: Sequence[Workload]) -> Iterator[tuple[str, str]]:
    """What makes a rotation pointless before it begins: why, and how to mend it."""
    if not synced:
        yield (
            "no ExternalSecret of the cluster reads the container, so nothing would show that the value arrives",
            "rotate where it is read, or write the value by hand",
        )
    for one in synced:
        if one.stays is not None:
            yield (
                f"ExternalSecret {one.namespace}/{one.name} {one.stays}, so it would keep the old value",
                "let it read the current version, periodically or on change",
            )
    for one in workloads:
        if one.in_variables and one.restarted_by is None:
            yield (
                f"Deployment {one.namespace}/{one.name} has the value in variables and nothing restarts it",
                "give it the annotations of `restart_annotations`, or mount the Secret and read the file anew",
            )


def _part(value: Value, name: str | None, one: Synced) -> str | None:
    """The part of a value that an ExternalSecret takes; a text that is taken in parts is JSON.

    None where the operator's own writing of it (of a mapping, a number, a path inside) would have to be guessed.
    """
    if name is None:
        return value if isinstance(value, str) else None
    try:
        parts = json.loads(value) if isinstance(value, str) else value
        part = parts.get(name) if "." in name else parts[name]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BootstrapError(
            f"ExternalSecret {one.namespace}/{one.name}",
            f"the value in the manager has no property {name}",
            "rotate to a value of the form that its readers expect, or `rotate roll-back`",
        ) from None
    return part if isinstance(part, str) else None
