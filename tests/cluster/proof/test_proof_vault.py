"""Every attack on the stack with a real Vault is refused, and succeeds once its control is taken away."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from bootstrap.proof.attack import NO_SUCH, Attack, Outcome, judged
from bootstrap.proof.prove import attacks
from bootstrap.proof.tenants import PREFIX
from bootstrap.proof.vault import token_of_a_deleted_object
from bootstrap.proof.vault_tenant import token_of_an_account
from bootstrap.verification.vault import VaultView
from tests.cluster.proof import mutations_vault as vault
from tests.cluster.proof.held import held_names
from tests.cluster.proof.mutations import (
    CLUSTER,
    etcd_is_not_encrypted,
    issuer_takes_the_key_of,
    tenant_is_trusted,
)
from tests.cluster.proof.mutations_vault_beside import of_ci, of_teams, of_tenants
from tests.local_stack import BOOTSTRAP, Running, running_stack

# What refuses these is a signature, a clock, or that the cluster is another one: there is no setting to take away.
NOT_REMOVABLE = {
    "an altered token logs in as the operator",
    "a token with a forged subject logs in as the operator",
    "an expired token logs in as the operator",
    "a token whose object was deleted logs in as the operator",
    "a token of a deleted service account logs in",
    "the operator of prod's cluster logs in",
    "the operator of nonprod's cluster logs in",
    "CI of prod's cluster logs in as CI",
    "CI of nonprod's cluster logs in as CI",
    "tenant globex opens a data key of tenant acme as its own",
}


def mutations(view: VaultView, other: VaultView, running: Running) -> dict[str, Any]:
    """How the control of each attack on an environment is taken away."""
    (plane,) = [one for one in running.local.control_planes() if one.name == view.references["clusterName"]]
    encrypt, decrypt = (
        view.transit_path(*one).removeprefix("/v1/") for one in (("encrypt", "etcd"), ("decrypt", "secrets"))
    )
    logins = view.references["identityRole"].partition("/role/")[0]
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
        "the operator uses the key of the secrets": lambda: vault.allowed(view, decrypt),
        "the operator mints a token of Vault": lambda: vault.allowed(view, "auth/token/create"),
        "the operator makes a role to log in by": lambda: vault.allowed(view, f"auth/{logins}/role/{NO_SUCH}"),
        # The tenant's policy is made of the operator's, so what is too wide there is too wide for the tenant.
        "a tenant points its own store at another tenant's prefix": lambda: vault.allowed(
            view, f"{view.references['secretsMount']}/+/argocd/*"
        ),
        "a writer reads the secret that it writes": lambda: vault.allowed(
            view, view.address_of(f"{PREFIX}secret"), role="writers"
        ),
        "a secret is read and the log does not say by whom": lambda: vault.deployer_reads_for_all(view),
        f"a token in this cluster's name that {other.name}'s cluster signed logs in": lambda: issuer_takes_the_key_of(
            running, view, other
        ),
        f"a node of {other.name} uses the etcd key": lambda: vault.allowed(other, encrypt, role="node"),
        "whoever runs Pulumi reads a secret": lambda: vault.deployer_reads(view),
        **of_ci(view),
        **of_teams(view),
        **of_tenants(view),
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


def test_what_ci_and_tenants_hold_is_followed(running_vault: Running) -> None:
    assert {name for name, _ in running_vault.prod.presented()} == held_names("Vault")


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


def test_a_stack_without_them_has_none_of_the_attacks_on_what_stands_beside(weakened: Running) -> None:
    view, other, tried = of(weakened, "prod")
    plain = {name: one for name, one in view.references.items() if name not in ("ci", "teams", "tenantKeys")}
    left = {one.name for one in attacks("vault", replace(view, references=plain), [view, other])}
    gone = set(tried) - left
    assert gone - NOT_REMOVABLE == {*of_ci(view), *of_teams(view), *of_tenants(view)}


def test_jwt_auth_does_not_ask_whether_a_token_still_counts(weakened: Running) -> None:
    """The price of no TokenReview, and what the review on the other environment is worth: see the threat model."""
    assert weakened.nonprod.references["identityKind"] == "vaultJwt"
    view = cast(VaultView, weakened.nonprod)
    assert view.try_login(token_of_a_deleted_object(view)).is_success


def test_jwt_auth_does_not_ask_whether_an_account_is_still_there(weakened: Running) -> None:
    """The same of a service account that is deleted: its tokens count until they expire."""
    view = cast(VaultView, weakened.nonprod)
    with token_of_an_account(view, deleted=True) as (token, role):
        assert view.try_login(token, role).is_success
