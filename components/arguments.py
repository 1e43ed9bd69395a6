"""What the arguments of all components share: one way in from plain mappings, with errors that say how to mend them."""

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Self

import pulumi

from .errors import ConfigError
from .forms import Form


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """Base of the frozen, keyword-only arguments of a component."""

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """The same arguments from a mapping. Raises ConfigError for a key that is unknown or missing."""
        known = {field.name: field for field in fields(cls)}
        for key in values:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                mend = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(known))}"
                raise ConfigError(f"{cls.__name__}.{key}", "is not a known field", mend)
        for name, field in known.items():
            if name not in values and field.default is MISSING and field.default_factory is MISSING:
                raise ConfigError(f"{cls.__name__}.{name}", "is missing", "give this field a value")
        return cls(**values)

    def require(self, holds: bool, field: str, reason: str, mend: str) -> None:
        """Raise a ConfigError about one field of these arguments unless a rule holds."""
        if not holds:
            raise ConfigError(f"{type(self).__name__}.{field}", reason, mend)

    def require_form(self, field: str, value: pulumi.Input[str], *forms: Form) -> None:
        """Raise a ConfigError unless a text has these forms. What becomes known only later is not looked at."""
        if isinstance(value, str):
            for form in forms:
                form.require(f"{type(self).__name__}.{field}", value)

    def require_timeout(self, seconds: int, *, least: int = 10) -> None:
        """Raise a ConfigError unless `timeout_seconds` is from `least` to 3600."""
        self.require(least <= seconds <= 3600, "timeout_seconds", f"is not from {least} to 3600", "300 is usual")
