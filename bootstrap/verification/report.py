"""What a verification found, for people and for machines."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One checked claim. `evidence` names references and verdicts, never values."""

    environment: str
    claim: str
    passed: bool
    evidence: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """All gates of a stack and, after an `up`, when each step of each environment was reached."""

    stack: str
    gates: Sequence[Gate]
    timeline: Sequence[tuple[str, str, float]] = ()

    @property
    def passed(self) -> bool:
        return bool(self.gates) and all(gate.passed for gate in self.gates)

    def to_json(self) -> dict[str, Any]:
        return {
            "stack": self.stack,
            "passed": self.passed,
            "gates": [asdict(gate) for gate in self.gates],
            "timeline": [
                {"environment": environment, "step": step, "seconds": round(seconds, 2)}
                for environment, step, seconds in self.timeline
            ],
        }

    def print(self, console: Console) -> None:
        if self.timeline:
            steps = Table(title="Time from `up` to each step", title_justify="left")
            for heading in ("environment", "step", "seconds"):
                steps.add_column(heading, justify="right" if heading == "seconds" else "left")
            for environment, step, seconds in self.timeline:
                steps.add_row(environment, step, f"{seconds:.1f}")
            console.print(steps)
        table = Table(title=f"Gates of stack {self.stack}", title_justify="left")
        for heading in ("environment", "gate", "verdict", "evidence", "seconds"):
            table.add_column(heading, overflow="fold", justify="right" if heading == "seconds" else "left")
        for gate in self.gates:
            verdict = "[green]pass[/green]" if gate.passed else "[red]FAIL[/red]"
            table.add_row(gate.environment, gate.claim, verdict, escape(gate.evidence), f"{gate.seconds:.2f}")
        console.print(table)
