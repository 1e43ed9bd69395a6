"""What workloads have asked the API servers, by the servers' audit logs."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from components.kubernetes.operator_rbac import Rule

LOG = "kube-apiserver-audit.jsonl"
OPERATOR = "system:serviceaccount:external-secrets:external-secrets"


class Request(NamedTuple):
    """API group, resource with its subresource, verb."""

    group: str
    resource: str
    verb: str


def granted(rules: Iterable[Rule]) -> set[Request]:
    """What rules let somebody ask."""
    return {
        Request(group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def requests(logs: Iterable[Path], user: str, *, decision: str = "allow", since: str = "") -> Iterator[Request]:
    """What a user has asked. `since`: a time as the logs write it."""
    for event in _events(logs, user, since):
        if event["annotations"]["authorization.k8s.io/decision"] == decision:
            yield _request(event)


def open_watches(log: Path, user: str, *, since: str = "") -> set[Request]:
    """What a user is told of at this moment: watches that were answered and have not ended.

    One that a killed API server had never ends in its log.
    """
    found: dict[str, Request] = {}
    for event in _events([log], user, since):
        if event["verb"] == "watch" and event["stage"] == "ResponseStarted" and event["responseStatus"]["code"] == 200:
            found[event["auditID"]] = _request(event)
        elif event["stage"] == "ResponseComplete":
            found.pop(event["auditID"], None)
    return set(found.values())


def _events(logs: Iterable[Path], user: str, since: str) -> Iterator[dict[str, Any]]:
    for line in (line for log in logs for line in log.read_text().splitlines()):
        event = json.loads(line)
        if event.get("objectRef") and event["user"]["username"] == user and event["requestReceivedTimestamp"] >= since:
            yield event


def _request(event: dict[str, Any]) -> Request:
    target = event["objectRef"]
    resource = "/".join(filter(None, (target["resource"], target.get("subresource"))))
    return Request(target.get("apiGroup", ""), resource, event["verb"])
