"""The labelled corpus, and how well the checks, or another scanner, tell its two classes apart.

A file of the corpus holds cases: `### refused NAME: RULE, RULE` or `### allowed NAME`, then `# file PATH` and its text.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bootstrap.leaks.claims import Claims
from bootstrap.leaks.documents import TextFile
from bootstrap.leaks.scan import check
from tests.fast.leaks.fakes import filled_in

CORPUS = Path(__file__).parent / "corpus"
_CASE = re.compile(r"^### (refused|allowed) ([^:\n]+)(?:: (.+))?\n", re.MULTILINE)
_FILE = re.compile(r"^# file (\S+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    name: str
    rules: frozenset[str]  # empty if nothing may be refused
    files: Mapping[str, str]


@dataclass(frozen=True)
class Score:
    """Counts of one rule, or of whole cases."""

    right: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right else 0.0


@cache
def corpus() -> list[Case]:
    cases = []
    for source in sorted(CORPUS.glob("*.txt")):
        _, *pieces = _CASE.split(source.read_text())
        for label, name, rules, body in zip(*(pieces[start::4] for start in range(4)), strict=True):
            _, *files = _FILE.split(body)
            assert (label == "refused") == bool(rules), name
            named = frozenset(re.split(r",\s*", rules)) if rules else frozenset[str]()
            texts = {path: filled_in(text) for path, text in zip(files[::2], files[1::2], strict=True)}
            assert texts, name
            cases.append(Case(f"{source.stem}: {name}", named, texts))
    assert len({case.name for case in cases}) == len(cases)
    return cases


def found_in(case: Case) -> frozenset[str]:
    """The rules that refuse a file of the case."""
    claims, files = Claims(), [TextFile(path, text) for path, text in case.files.items()]
    for file in files:
        claims.add(file)
    return frozenset(finding.rule for file in files for finding in check(file, claims))


def score(scanner: Callable[[Case], bool]) -> Score:
    """By cases: whether a case is refused at all."""
    verdicts = Counter((bool(case.rules), scanner(case)) for case in corpus())
    return Score(right=verdicts[True, True], missed=verdicts[True, False], wrong=verdicts[False, True])


def score_by_rule() -> dict[str, Score]:
    right, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for case in corpus():
        found = found_in(case)
        right.update(case.rules & found)
        missed.update(case.rules - found)
        wrong.update(found - case.rules)
    rules = sorted(set(right) | set(missed) | set(wrong))
    return {rule: Score(right=right[rule], missed=missed[rule], wrong=wrong[rule]) for rule in rules}
