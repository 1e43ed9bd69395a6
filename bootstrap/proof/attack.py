"""One attack, and the verdict on it. A refusal counts only beside the rightful call, which must succeed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bootstrap.verification.environment import EnvironmentView, RefusedError

NO_SUCH = "proof-no-such"
"""A container that is not there: whoever is let through finds nothing, and nothing is lost."""


class Outcome(StrEnum):
    """What became of an attack. Only `refused` is good: what could not be tried is not proven."""

    REFUSED = "refused"
    LET_THROUGH = "let through"
    UNPROVEN = "unproven"


@dataclass(frozen=True, kw_only=True)
class Attack:
    """What somebody tries.

    name: who does what. control: what must refuse it. judge: the program that is asked. rightful: the call that must
    succeed. attempt: the attack; it raises RefusedError if it is refused, and returns if it got through.
    """

    name: str
    control: str
    judge: str
    rightful: Callable[[], object]
    attempt: Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`evidence` has the judge's own words about names and actions, never a value."""

    environment: str
    attack: str
    control: str
    judge: str
    outcome: Outcome
    evidence: str
    seconds: float


def judged(view: EnvironmentView, attack: Attack) -> Verdict:
    """Try one attack on an environment."""
    started = time.monotonic()
    outcome, evidence = _try(view, attack)
    return Verdict(
        environment=view.name,
        attack=attack.name,
        control=attack.control,
        judge=attack.judge,
        outcome=outcome,
        evidence=evidence,
        seconds=time.monotonic() - started,
    )


def _try(view: EnvironmentView, attack: Attack) -> tuple[Outcome, str]:
    try:
        attack.rightful()
    except Exception as error:  # whatever it is, the attack's refusal would mean nothing
        return Outcome.UNPROVEN, f"the rightful call failed: {_named(view, error)}"
    try:
        attack.attempt()
    except RefusedError as refusal:
        return Outcome.REFUSED, str(refusal)
    except Exception as error:
        return Outcome.UNPROVEN, f"neither refused nor let through: {_named(view, error)}"
    return Outcome.LET_THROUGH, f"{attack.judge} did not refuse it"


def _named(view: EnvironmentView, error: Exception) -> str:
    """An error by its kind and code: its text could hold a value."""
    return f"{type(error).__name__} {view.explain(error)}".rstrip()
