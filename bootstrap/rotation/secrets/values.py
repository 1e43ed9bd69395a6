"""Where new values come from: a generator, or standard input. Never an argument, a variable or a file of ours."""

import json
import secrets
import string
from collections.abc import Sequence
from typing import TextIO

from bootstrap.errors import BootstrapError

SHORTEST, LONGEST = 16, 4096
_ALPHABET = string.ascii_letters + string.digits


def generated(environments: Sequence[str], length: int) -> dict[str, str]:
    """A random value for each environment: environments share nothing."""
    if not SHORTEST <= length <= LONGEST:
        raise BootstrapError("--generate", f"is not from {SHORTEST} to {LONGEST}", "32 characters are 190 bits")
    return {name: "".join(secrets.choice(_ALPHABET) for _ in range(length)) for name in environments}


def from_stream(environments: Sequence[str], stream: TextIO) -> dict[str, str]:
    """A JSON object with a text for each environment. What was read is never part of an error."""
    if stream.isatty():
        raise _refused("a terminal would show what is typed")
    try:
        given = json.load(stream)
    except ValueError:
        raise _refused("it is no JSON") from None
    if not isinstance(given, dict) or set(given) != set(environments):
        raise _refused(f"its keys are not exactly {', '.join(environments)}")
    if not all(isinstance(value, str) and value for value in given.values()):
        raise _refused("a value is no text, or empty")
    if len(set(given.values())) != len(given):
        raise _refused("two environments have the same value, and environments share nothing")
    return {name: given[name] for name in environments}


def _refused(why: str) -> BootstrapError:
    return BootstrapError(
        "the new values on standard input",
        why,
        'pipe a JSON object with one text for each environment, such as {"nonprod": "…", "prod": "…"}, or --generate',
    )
