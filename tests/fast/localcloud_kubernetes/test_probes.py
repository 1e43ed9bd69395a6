"""Probes by the clock of their spec."""

import pytest

from bootstrap.localcloud.kubernetes.node.probes import Probe, ProbeError, asker


class Answers:
    def __init__(self, answer: bool) -> None:
        self.answer, self.asked = answer, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.answer


SPEC = {"initialDelaySeconds": 5, "periodSeconds": 10, "failureThreshold": 3}


def run(probe: Probe, start: float, end: float) -> None:
    moment = start
    while moment < end:
        probe.step(moment)
        moment += 0.1


def test_nothing_is_asked_before_the_initial_delay() -> None:
    answers = Answers(True)
    probe = Probe(SPEC, answers, 0.0)
    run(probe, 0, 4.9)
    assert (answers.asked, probe.verdict) == (0, None)
    run(probe, 5, 5.2)
    assert (answers.asked, probe.verdict) == (1, True)


def test_after_a_yes_it_asks_once_a_period() -> None:
    answers = Answers(True)
    run(Probe(SPEC, answers, 0.0), 0, 45)
    assert answers.asked == 4


def test_a_program_that_comes_up_late_is_seen_soon() -> None:
    answers = Answers(False)
    probe = Probe(SPEC, answers, 0.0)
    run(probe, 0, 8)
    assert probe.verdict is None
    answers.answer = True
    run(probe, 8, 8.7)
    assert probe.verdict is True


def test_a_program_that_never_comes_up_fails_by_periods_not_by_questions() -> None:
    probe = Probe(SPEC, Answers(False), 0.0)
    run(probe, 0, 24)
    assert probe.verdict is None
    run(probe, 24, 26)
    assert probe.verdict is False


def test_failures_have_to_be_consecutive() -> None:
    answers = Answers(True)
    probe = Probe(SPEC, answers, 0.0)
    run(probe, 0, 6)
    answers.answer = False
    run(probe, 6, 30)  # two failures
    assert probe.verdict is True
    run(probe, 30, 40)
    assert probe.verdict is False
    answers.answer = True
    run(probe, 40, 50)
    assert probe.verdict is True


def test_unknown_probes_and_ports_are_refused() -> None:
    with pytest.raises(ProbeError, match="httpGet"):
        asker({"exec": {"command": ["true"]}}, {}, lambda port: port)
    with pytest.raises(ProbeError, match="metrics"):
        asker({"httpGet": {"port": "metrics"}}, {"ports": []}, lambda port: port)
