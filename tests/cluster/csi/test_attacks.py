"""Whoever mounts a volume reads as himself: Vault refuses all else, beside what is rightful, until its control goes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest

from bootstrap.verification.vault import VaultView
from tests.cluster.csi.conftest import CONTAINERS, POLL_SECONDS, Files
from tests.cluster.proof.mutations_vault import login_changed, policy_of_the_environment
from tests.local_stack import eventually


def policy_of_payments(view: VaultView) -> AbstractContextManager[None]:
    """The policy of the team payments opens the whole environment."""
    return policy_of_the_environment(view, "files-nonprod-team-payments", "payments")


def login_of_payments(view: VaultView, subject: str) -> AbstractContextManager[None]:
    """The role of the pods of payments is bound to another `sub`; to none, if it is empty."""
    mount = view.references["identityRole"].partition("/role/")[0]
    return login_changed(view, f"{mount}/role/files-nonprod-store-payments", bound_subject=subject)


def any_account(view: VaultView) -> AbstractContextManager[None]:
    return login_of_payments(view, "")


@dataclass(frozen=True)
class Attack:
    """A pod that gets nothing. container: what it is after. control: what refuses it, taken away."""

    namespace: str
    class_name: str
    account: str
    container: str
    said: str
    control: Callable[[VaultView], AbstractContextManager[None]]


ATTACKS = {
    "a team's class names another team's secret": Attack(
        "payments", "foreign", "app", "search/index", "permission denied", policy_of_payments
    ),
    "a pod of another service account mounts the team's class": Attack(
        "payments", "app", "default", "payments/api", "invalid subject", any_account
    ),
    "another namespace takes over the team's class": Attack(
        "search", "stolen", "app", "payments/api", "invalid subject", any_account
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_vault_refuses_and_no_file_is_there(files: Files, name: str) -> None:
    attack, kubelet = ATTACKS[name], files.kubelet
    values = {container: files.fill(container) for container in CONTAINERS.values()}
    for team, container in CONTAINERS.items():
        assert kubelet.outcome(team) == values[container]

    said = kubelet.outcome(attack.namespace, attack.class_name, attack.account)
    assert said.startswith("refused: ")
    assert "Vault, 40" in said
    assert attack.said in said

    with attack.control(files.view):
        assert kubelet.outcome(attack.namespace, attack.class_name, attack.account) == values[attack.container]
    assert kubelet.outcome(attack.namespace, attack.class_name, attack.account).startswith("refused: ")


def test_who_is_locked_out_keeps_what_was_read(files: Files) -> None:
    """A refusal of a later look is logged and not reported, and the file stays (the driver's `NodePublishVolume`)."""
    first, kubelet = files.fill("payments/api"), files.kubelet
    with kubelet.pod("payments") as pod:
        kubelet.publish(pod)
        with login_of_payments(files.view, "system:serviceaccount:payments:somebody"):
            files.fill("payments/api")

            @eventually(10 * POLL_SECONDS)
            def refused() -> None:
                kubelet.publish(pod)
                log = kubelet.driver.log.read_text()
                assert any("Vault, 40" in line and "isRemountRequest=true" in line for line in log.splitlines())

            refused()
            assert kubelet.files(pod) == {"value": first.encode()}
            assert kubelet.outcome("payments").startswith("refused: ")
        kubelet.unpublish(pod)
