"""What was proven, for people, for machines and for an auditor."""

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bootstrap.canaries.report import Searched
from bootstrap.proof.attack import Outcome, Verdict
from bootstrap.proof.offline.row import Row

_COLOURS = {Outcome.REFUSED: "green", Outcome.LET_THROUGH: "red", Outcome.UNPROVEN: "yellow"}


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whether the operator of environment `reader` can read a secret of environment `owner`."""

    reader: str
    owner: str
    secret: str
    allowed: bool

    @property
    def rightful(self) -> bool:
        return self.allowed == (self.reader == self.owner)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """All verdicts on a stack. `searched`: where its secrets were looked for; without it nothing is proven."""

    stack: str
    verdicts: Sequence[Verdict]
    reach: Sequence[Reach]
    matrix: Sequence[Row]
    searched: Searched | None = None

    @property
    def passed(self) -> bool:
        """Whether every attack was refused, every operator reads its own secrets and no others, the documents of the
        stack allow what they should and nothing else, and no secret is where it does not belong."""
        refused = bool(self.verdicts) and all(verdict.outcome is Outcome.REFUSED for verdict in self.verdicts)
        right = bool(self.matrix) and not self.wrong
        clean = self.searched is not None and self.searched.passed
        return refused and all(reach.rightful for reach in self.reach) and right and clean

    @property
    def wrong(self) -> Sequence[Row]:
        """What the documents allow and should not, or should and do not."""
        return [row for row in self.matrix if not row.right]

    def to_json(self) -> dict[str, Any]:
        return {
            "stack": self.stack,
            "passed": self.passed,
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
            "reach": [asdict(reach) for reach in self.reach],
            "matrix": [asdict(row) for row in self.matrix],
            "leaks": self.searched.to_json() if self.searched else None,
        }

    def print(self, console: Console) -> None:
        table = Table(title=f"Attacks on stack {self.stack}", title_justify="left")
        for heading in ("environment", "attack", "verdict", "by", "evidence"):
            table.add_column(heading, overflow="fold")
        for one in self.verdicts:
            verdict = f"[{_COLOURS[one.outcome]}]{one.outcome}[/]"
            table.add_row(one.environment, escape(one.attack), verdict, one.judge, escape(one.evidence))
        console.print(table)
        console.print(f"From the stack's documents: {len(self.matrix)} questions, {len(self.wrong)} wrongly answered")
        for row in self.wrong:
            one = row.question
            verdict = "allowed" if row.allowed else "refused"
            console.print(f"  {escape(one.identity)}: {escape(one.action)} in {one.owner} is {verdict} ({row.judge})")
        if self.searched is not None:
            self.searched.print(console)

    def to_html(self) -> str:
        """One page with everything in it: no script, no style sheet and no picture from elsewhere."""
        import jinja2

        template = resources.files("bootstrap.proof").joinpath("report.html.j2").read_text()
        environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
        return environment.from_string(template).render(proof=self, made=now, names=self._names())

    def _names(self) -> Sequence[str]:
        return list(dict.fromkeys(reach.reader for reach in self.reach))
