"""What a rule for an API call is. The rules themselves are in the services' modules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bootstrap.localcloud.aws.answers import Answer
from bootstrap.localcloud.aws.authorization import Authorizer, Need
from bootstrap.localcloud.aws.cloud import Cloud
from bootstrap.localcloud.aws.principals import Principal
from bootstrap.localcloud.aws.wire import Call

Context = dict[str, str | list[str]]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A call in the hands of the guard, with all that a rule may look at."""

    call: Call
    principal: Principal
    cloud: Cloud
    authorizer: Authorizer

    @property
    def region(self) -> str:
        return self.call.region


def _nothing(_: Judged) -> None:
    return None


def by_moto(judged: Judged) -> Answer:
    """Moto carries the call out and it changes nothing."""
    return judged.cloud.carry_out(judged.call, changes=False)


def by_moto_changing(judged: Judged) -> Answer:
    """Moto carries the call out; what it changes is made durable."""
    return judged.cloud.carry_out(judged.call, changes=True)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a call is judged: the permissions it needs, then what must hold beyond them, then who carries it out."""

    needs: Callable[[Judged], Sequence[Need]]
    check: Callable[[Judged], None] = _nothing
    respond: Callable[[Judged], Answer] = by_moto


Rules = Mapping[str, Rule]


def tag_context(tags: Mapping[str, str] | None) -> Context:
    """The condition keys of tags that a request sets."""
    if not tags:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in tags.items()}, "aws:TagKeys": sorted(tags)}


def tags_of(entries: Any, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """A list of tags as a mapping; what is no list of tags is empty, and moto refuses it."""
    if not isinstance(entries, list):
        return {}
    return {
        str(entry[key]): str(entry.get(value) or "") for entry in entries if isinstance(entry, dict) and key in entry
    }
