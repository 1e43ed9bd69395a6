"""When an object counts as ready: Pulumi's annotations, and what an object says of itself."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bootstrap.providers.resource import Call

WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT = "pulumi.com/timeoutSeconds"
SKIP = "pulumi.com/skipAwait"
_DEFAULT_SECONDS = 600.0
_FIRST_POLL, _LONGEST_POLL = 0.1, 1.0
_JSON_PATH = re.compile(r"jsonpath=\{?(?P<path>(?:\.[A-Za-z0-9_-]+|\[\d+\])+)\}?(?:=(?P<value>.*))?")
_CONDITION = re.compile(r"condition=(?P<type>[^=]+)(?:=(?P<status>.+))?")

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """Something that must be true of an object."""

    text: str
    reached: Callable[[Object], bool]


def goals(annotations: Mapping[str, Any]) -> Sequence[Goal]:
    """What `pulumi.com/waitFor` asks for. Raises ValueError for what cannot be understood."""
    if str(annotations.get(SKIP, "")).lower() == "true" or WAIT_FOR not in annotations:
        return []
    text = annotations[WAIT_FOR]
    expressions = json.loads(text) if text.lstrip().startswith("[") else [text]
    return [_goal(expression) for expression in expressions]


def seconds(annotations: Mapping[str, Any], call: Call) -> float:
    """How long to wait: the annotation, the resource's custom timeout, or ten minutes."""
    return float(annotations.get(TIMEOUT) or call.timeout or _DEFAULT_SECONDS)


def _goal(expression: Any) -> Goal:
    condition = _CONDITION.fullmatch(str(expression))
    if condition:
        wanted = (condition["type"], condition["status"] or "True")
        return Goal(expression, lambda found: _has_condition(found, *wanted))
    path = _JSON_PATH.fullmatch(str(expression))
    if path:
        keys, value = re.findall(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]", path["path"]), path["value"]
        return Goal(expression, lambda found: _at(found, keys, value))
    raise ValueError("use condition=TYPE, condition=TYPE=STATUS, jsonpath={.path} or jsonpath={.path}=VALUE, or a list")


def _has_condition(found: Object, type_: str, status: str) -> bool:
    generation = found.get("metadata", {}).get("generation", 0)
    return any(
        condition.get("type", "").lower() == type_.lower()
        and condition.get("status", "").lower() == status.lower()
        and condition.get("observedGeneration", generation) >= generation
        for condition in conditions(found)
    )


def _at(found: Any, keys: Sequence[tuple[str, str]], value: str | None) -> bool:
    for name, index in keys:
        try:
            found = found[int(index)] if index else found[name]
        except (KeyError, IndexError, TypeError):
            return False
    if value is None:
        return found not in (None, "")
    return (json.dumps(found) if isinstance(found, bool) else str(found)) == value


def conditions(found: Object) -> Sequence[Mapping[str, Any]]:
    return found.get("status", {}).get("conditions") or []


def describe(found: Object) -> str:
    """What the object last said of itself: conditions with their reasons, or its phase."""
    said = [
        f"{one.get('type')}={one.get('status')}: {one.get('reason', '')} {one.get('message', '')}".strip()
        for one in conditions(found)
    ]
    phase = found.get("status", {}).get("phase")
    return "; ".join(said) or (f"phase {phase}" if phase else "it has no conditions yet")


def polls(call: Call, limit: float) -> Iterator[None]:
    """Yields at once, and then ever more seldom until the limit."""
    waited, pause = 0.0, _FIRST_POLL
    yield
    while waited < limit:
        call.pause(pause)
        waited += pause
        pause = min(pause * 1.3, _LONGEST_POLL)
        yield
