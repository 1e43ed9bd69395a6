"""Every attack on the stack with a real Vault is refused, and succeeds once its control is taken away."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any, cast

import pytest

from bootstrap.proof.attack import Attack, Outcome, judged
from bootstrap.proof.prove import attacks
from bootstrap.proof.vault import token_of_a_deleted_object
from bootstrap.verification.vault import VaultView
from tests.cluster.proof import mutations_vault as vault
from tests.cluster.proof.mutations import CLUSTER, etcd_is_not_encrypted, tenant_is_trusted
from tests.local_stack import BOOTSTRAP, Running, running_stack

# What refuses these is a signature, a clock, or that the cluster is another one: there is no setting to take away.
NOT_REMOVABLE = {
    "an altered token logs in as the operator",
    "a token with a forged subject logs in as the operator",
    "an expired token logs in as the operator",
    "a token whose object was deleted logs in as the operator",
    "the operator of prod's cluster logs in",
    "the operator of nonprod's cluster logs in",
}


def mutations(view: VaultView, other: VaultView, running: Running) -> dict[str, Any]:
    """How the control of each attack on an environment is taken away."""
    (plane,) = [one for one in running.local.control_planes() if one.name == view.references["clusterName"]]
    encrypt = view.transit_path("encrypt").removeprefix("/v1/")
    any_audience, any_account = vault.any_audience(view), lambda: vault.any_account(view)
    return {
        **{name: lambda mutation=mutation: mutation(view) for name, mutation in CLUSTER.items()},
        "somebody reads a Secret from etcd's files": lambda: etcd_is_not_encrypted(plane),
        "a tenant makes a store of its own with the operator's identity": lambda: tenant_is_trusted(
            view, lambda: vault.any_account(view)
        ),
        f"the operator of {other.name} reads a secret": lambda: vault.allowed(other, view.canary_address),
        "another service account logs in as the operator": any_account,
        "a service account of another namespace logs in as the operator": any_account,
        "a token for another audience logs in as the operator": lambda: vault.login_changed(view, **any_audience),
        "the operator writes a secret": lambda: vault.allowed(view, *vault.container(view, "data")),
        "the operator deletes a secret": lambda: vault.allowed(view, *vault.container(view, "data")),
        "the operator lists secrets": lambda: vault.allowed(view, *vault.container(view, "metadata")),
        "the operator uses the etcd key": lambda: vault.allowed(view, encrypt),
        "the operator reads the server's policies": lambda: vault.allowed(
            view, "sys/policies/acl", "sys/policies/acl/*"
        ),
        f"a node of {other.name} uses the etcd key": lambda: vault.allowed(other, encrypt, role="node"),
        "whoever runs Pulumi reads a secret": lambda: vault.deployer_reads(view),
    }


def of(running: Running, mine: str) -> tuple[VaultView, VaultView, dict[str, Attack]]:
    view = running.views[mine]
    (other,) = [one for name, one in running.views.items() if name != mine]
    tried = {attack.name: attack for attack in attacks("vault", view, list(running.views.values()))}
    return cast(VaultView, view), cast(VaultView, other), tried


@pytest.fixture(scope="module")
def weakened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack of its own: its audit log will name readers that no gate would accept."""
    with running_stack("local-vault", tmp_path_factory.mktemp("weakened")) as stack:
        yield stack


def test_every_attack_is_refused(running_vault: Running) -> None:
    command = [*BOOTSTRAP, "prove", "--stack", "local-vault", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    answer = json.loads(done.stdout)
    assert [one for one in answer["verdicts"] if one["outcome"] != "refused"] == []
    assert (done.returncode, answer["passed"]) == (0, True)


@pytest.mark.parametrize("mine", ["prod", "nonprod"])
def test_every_attack_has_a_control_that_can_be_taken_away(weakened: Running, mine: str) -> None:
    view, other, tried = of(weakened, mine)
    known = mutations(view, other, weakened)
    assert set(tried) - set(known) <= NOT_REMOVABLE
    assert not NOT_REMOVABLE & set(known)


@pytest.mark.parametrize("mine", ["prod", "nonprod"])
def test_without_its_control_an_attack_succeeds(weakened: Running, mine: str) -> None:
    view, other, tried = of(weakened, mine)
    known = mutations(view, other, weakened)
    outcomes = {}
    for name, attack in tried.items():
        if name not in NOT_REMOVABLE:
            with known[name]():
                outcomes[name] = judged(view, attack)
    still = {name: one.evidence for name, one in outcomes.items() if one.outcome is not Outcome.LET_THROUGH}
    assert still == {}


def test_jwt_auth_does_not_ask_whether_a_token_still_counts(weakened: Running) -> None:
    """The price of no TokenReview, and what the review on the other environment is worth: see the threat model."""
    assert weakened.nonprod.references["identityKind"] == "vaultJwt"
    view = cast(VaultView, weakened.nonprod)
    assert view.try_login(token_of_a_deleted_object(view)).is_success
