"""The audit trail: one line for each call, with names, verdicts and reasons, and never a value, token or key."""

import json
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bootstrap.localcloud.aws.principals import Principal

# Parameters that name what a call is about. Only these are ever written down.
_RESOURCES = (
    "SecretId",
    "Name",
    "KeyId",
    "AliasName",
    "RoleArn",
    "RoleName",
    "OpenIDConnectProviderArn",
    "TableName",
    "HostedZoneId",
    "ChangeId",
    "Url",
    "resourceArn",
    "name",
)
_LONGEST = 300


class Audit:
    """Appends to one file, line by line."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))

    def write(
        self,
        event: str,
        *,
        principal: Principal | None,
        resource: str,
        allowed: bool,
        reason: str,
        subject: str | None = None,
    ) -> None:
        """Write down one call. `reason`: the refusal's code and words, empty for what was allowed. `subject`: of the
        token that opened a session, as CloudTrail has it in that one call."""
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "principal": principal.arn if principal else None,
            "tags": dict(principal.tags) if principal else {},
            "accessKeyId": principal.access_key_id if principal else None,
            "subject": subject,
            "provider": principal.federated_by if principal else None,
            "event": event,
            "resource": resource[:_LONGEST],
            "decision": "allowed" if allowed else "refused",
            "reason": reason[:_LONGEST],
        }
        with self._lock, self._file.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def entries(self) -> list[dict[str, Any]]:
        """All lines, oldest first."""
        with self._lock:
            return [json.loads(line) for line in self._file.read_text().splitlines()]


def resource_of(parameters: Mapping[str, Any]) -> str:
    """What a call is about, from the parameters that can only be names."""
    return next((str(parameters[name]) for name in _RESOURCES if isinstance(parameters.get(name), str)), "*")
