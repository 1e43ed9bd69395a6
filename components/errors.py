"""The one error of the library: what is wrong in what the caller gave, found before anything is created."""

from collections.abc import Iterable
from typing import NamedTuple

import pulumi


class Problem(NamedTuple):
    """One mistake in the input. It never carries the value itself: values may be secret."""

    field: str
    reason: str
    mend: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}\n  mend: {self.mend}"


class ConfigError(pulumi.RunError):
    """An input that cannot work: names the full path of the field, why, and how to mend it.

    It is a `pulumi.RunError`, so that the engine prints this text and no stack trace.
    """

    def __init__(self, field: str, reason: str, mend: str) -> None:
        self.problems = (Problem(field, reason, mend),)
        super().__init__(str(self.problems[0]))

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> "ConfigError":
        """One error for several problems, so that all can be mended at once."""
        found = tuple(problems)
        error = cls(*found[0])
        error.problems = found
        error.args = ("\n".join(str(problem) for problem in found),)
        return error

    @property
    def field(self) -> str:
        return self.problems[0].field

    @property
    def reason(self) -> str:
        return self.problems[0].reason

    @property
    def mend(self) -> str:
        return self.problems[0].mend
