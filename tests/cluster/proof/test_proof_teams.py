"""Teams, CI, tenants' keys, DNS-01 and SOPS on stack `local-teams`: every attack is refused, and succeeds without its
control. What is attacked on every stack has its controls taken away on `local`."""

import json
import os
import subprocess

import pytest

from bootstrap.proof.attack import Outcome, judged
from tests.cluster.proof import mutations_teams, test_proof_aws
from tests.cluster.proof.held import held_names
from tests.cluster.proof.test_proof_aws import of
from tests.local_stack import BOOTSTRAP, Running

NOT_REMOVABLE = {
    "tenant globex unwraps the key of tenant acme in its own name",  # the context is part of the ciphertext
    "the operator of prod's cluster takes the role",  # as that of nonprod on `local`
}


def test_every_attack_is_refused(running_teams: Running) -> None:
    command = [*BOOTSTRAP, "prove", "--stack", "local-teams", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    answer = json.loads(done.stdout)
    assert [one for one in answer["verdicts"] if one["outcome"] != "refused"] == []
    assert [one for one in answer["matrix"] if one["allowed"] != one["question"]["expected"]] == []
    assert (done.returncode, answer["passed"]) == (0, True)


def test_what_ci_and_tenants_hold_is_followed(running_teams: Running) -> None:
    assert {name for name, _ in running_teams.prod.presented()} == held_names("STS")


@pytest.mark.parametrize("mine", ["prod", "nonprod"])
def test_every_attack_has_a_control_that_can_be_taken_away(running_teams: Running, mine: str) -> None:
    view, other, tried = of(running_teams, mine)
    elsewhere = {*test_proof_aws.mutations(view, other, running_teams), *test_proof_aws.NOT_REMOVABLE}
    known = mutations_teams.mutations(view, other)
    assert set(tried) - elsewhere - known.keys() <= NOT_REMOVABLE
    assert known.keys() <= set(tried)


@pytest.mark.parametrize("mine", ["prod", "nonprod"])
def test_without_its_control_an_attack_succeeds(running_teams: Running, mine: str) -> None:
    view, other, tried = of(running_teams, mine)
    outcomes = {}
    for name, control in mutations_teams.mutations(view, other).items():
        with control():
            outcomes[name] = judged(view, tried[name])
    still = {name: one.evidence for name, one in outcomes.items() if one.outcome is not Outcome.LET_THROUGH}
    assert still == {}
