"""The floor of precision and recall, and that no rule can go without anyone noticing."""

import re

import pytest

from bootstrap.leaks import scan, shapes
from bootstrap.leaks.claims import Claims
from bootstrap.leaks.rules import RULES
from tests.fast.leaks.cases import CORPUS, Case, corpus, found_in, score, score_by_rule
from tests.fast.leaks.fakes import _MAKERS, fake

NOT_IN_TEXTS = {"allowance"}  # tests/fast/leaks/test_allowances.py


def refuses(case: Case) -> bool:
    return bool(found_in(case))


def test_both_classes_are_large() -> None:
    refused = [case for case in corpus() if case.rules]
    assert len(corpus()) >= 240
    assert len(refused) >= 150
    assert len(corpus()) - len(refused) >= 90


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case.name)
def test_each_case_is_refused_for_its_rules_alone(case: Case) -> None:
    assert found_in(case) == case.rules


def test_floor_of_precision_and_recall() -> None:
    overall = score(refuses)
    assert (overall.recall, overall.precision >= 0.98) == (1.0, True)
    for rule, counts in score_by_rule().items():
        assert (rule, counts.recall, counts.precision >= 0.98) == (rule, 1.0, True)


def test_every_rule_has_cases() -> None:
    assert set(score_by_rule()) == set(RULES) - NOT_IN_TEXTS
    for rule, counts in score_by_rule().items():
        assert counts.right >= 3, rule


@pytest.mark.parametrize("check", scan.CHECKS, ids=lambda check: check.__name__)
def test_without_a_check_cases_are_missed(check: scan.Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHECKS", tuple(one for one in scan.CHECKS if one is not check))
    assert score(refuses).recall < 1


def test_without_claims_cases_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Claims, "check", lambda _claims, _file: iter(()))
    assert score(refuses).recall < 1


@pytest.mark.parametrize("rule", sorted({rule for rule, _ in shapes._patterns()}))
def test_without_a_rule_of_shapes_cases_are_missed(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = [(name, pattern) for name, pattern in shapes._patterns() if name != rule]
    monkeypatch.setattr(shapes, "_patterns", lambda: rest)
    assert score_by_rule()[rule].recall < 1


ADDED = [(rule, pattern) for rule, patterns in shapes._ADDED.items() for pattern in patterns]


@pytest.mark.parametrize(("rule", "added"), ADDED)
def test_each_shape_that_detect_secrets_lacks_is_needed(rule: str, added: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = [(name, pattern) for name, pattern in shapes._patterns() if pattern.pattern != added]
    monkeypatch.setattr(shapes, "_patterns", lambda: rest)
    assert score_by_rule()[rule].recall < 1


def test_the_corpus_uses_every_fake_and_holds_none() -> None:
    text = "\n".join(path.read_text() for path in CORPUS.glob("*.txt"))
    assert set(_MAKERS) - set(re.findall(r"<([a-z0-9-]+)(?::\w+)?>", text)) == set()
    assert not [name for name in _MAKERS if name not in ("kind",) and fake(name) in text]
