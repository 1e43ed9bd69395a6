"""What people and machines see of a search: places and verdicts, never a value."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bootstrap.canaries.place import Outcome, Verdict

_COLOURS = {
    Outcome.CLEAN: "green",
    Outcome.HOLDS_ITS_OWN: "green",
    Outcome.LEAK: "red",
    Outcome.UNPROVEN: "yellow",
}


@dataclass(frozen=True, kw_only=True)
class Searched:
    """All places of a stack. `values`: how many secrets were looked for in each."""

    stack: str
    values: int
    verdicts: Sequence[Verdict]

    @property
    def passed(self) -> bool:
        return bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)

    def to_json(self) -> dict[str, Any]:
        verdicts = [{**asdict(one), "passed": one.passed} for one in self.verdicts]
        return {"stack": self.stack, "passed": self.passed, "values": self.values, "places": verdicts}

    def print(self, console: Console) -> None:
        table = Table(title=f"{self.values} secrets of stack {self.stack}, looked for", title_justify="left")
        for heading in ("place", "verdict", "evidence", "MB"):
            table.add_column(heading, overflow="fold", justify="right" if heading == "MB" else "left")
        for one in self.verdicts:
            verdict = f"[{_COLOURS[one.outcome]}]{one.outcome}[/]"
            table.add_row(escape(one.place), verdict, escape(one.evidence), f"{one.megabytes:.1f}")
        console.print(table)
