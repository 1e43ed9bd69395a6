"""The attacks of `prove` on Sealed Secrets beside External Secrets: refused, and let through without their control. And
a value that came as a SealedSecret is followed."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from bootstrap.canaries import known
from bootstrap.canaries.planting import Planted, unsealed
from bootstrap.canaries.search import Search
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.proof.attack import Outcome, judged
from bootstrap.proof.sealed import attacks
from bootstrap.sealed.keys import active_keys
from bootstrap.verification.environment import EnvironmentView
from tests.cluster.control_plane.helpers import PROVIDER_NAME
from tests.cluster.control_plane.sealed import (
    EXTERNAL_SECRET,
    HOME,
    IN_SHOP,
    SealingCluster,
    external_secrets,
    sealing_cluster,
)
from tests.cluster.proof.mutations import bound, etcd_is_not_encrypted

VALUE = secrets.token_urlsafe(24)
# Name and namespace are part of the encryption: there is no setting to take away. `kubeseal --scope` leaves them out,
# and then it opens: see test_scope.
NOT_REMOVABLE = {"a SealedSecret is opened under another name", "a SealedSecret is opened in another namespace"}


@pytest.fixture(scope="module")
def cluster(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealingCluster]:
    with sealing_cluster(plane, tmp_path_factory.mktemp("proof")) as made:
        made.up(IN_SHOP)
        made.up(IN_SHOP + external_secrets(VALUE) + EXTERNAL_SECRET)
        yield made


@pytest.fixture(scope="module")
def view(cluster: SealingCluster) -> EnvironmentView:
    """What an environment without a cloud has of a view."""

    class View(EnvironmentView):
        def presented(self) -> Iterator[tuple[str, str]]:
            return iter(())

    View.__abstractmethods__ = frozenset()
    references = {
        "kubeconfigPath": str(cluster.plane.kubeconfig),
        "operatorNamespace": "external-secrets",
        "canary": {"namespace": "shop", "name": "database"},
        "encryptionProviderName": PROVIDER_NAME,
        "sealedSecrets": {"namespace": HOME, "namespaces": ["blog", "shop"]},
    }
    shown: Any = View
    return shown(
        name="prod",
        references=references,
        raw_etcd_value=cluster.plane.raw_etcd_value,
        operator_environments=lambda: [],
        issuer_key=Path(),
    )


def test_every_attack_is_refused(view: EnvironmentView) -> None:
    verdicts = [judged(view, attack) for attack in attacks(view)]
    assert {one.attack: one.evidence for one in verdicts if one.outcome is not Outcome.REFUSED} == {}
    assert {one.attack for one in verdicts} >= NOT_REMOVABLE
    sealed_for_another = [one.evidence for one in verdicts if one.attack in NOT_REMOVABLE]
    assert all("no key could decrypt" in said for said in sealed_for_another)


def administrator(view: EnvironmentView, namespace: str, name: str) -> AbstractContextManager[None]:
    return bound(view, "cluster-admin", {"kind": "ServiceAccount", "namespace": namespace, "name": name})


def test_without_its_control_an_attack_succeeds(view: EnvironmentView, plane: ControlPlane) -> None:
    def without(name: str) -> Callable[[], AbstractContextManager[None]]:
        if name.startswith("the unsealer"):
            return lambda: administrator(view, HOME, HOME)
        if name.startswith("the operator"):
            return lambda: administrator(view, "external-secrets", "external-secrets")
        if name.startswith("a service account"):
            return lambda: administrator(view, "blog", "default")
        assert name == "somebody reads a sealing key from etcd's files"
        return lambda: etcd_is_not_encrypted(plane)

    outcomes = {}
    for attack in attacks(view):
        if attack.name not in NOT_REMOVABLE:
            with without(attack.name)():
                outcomes[attack.name] = judged(view, attack)
    still = {name: one.evidence for name, one in outcomes.items() if one.outcome is not Outcome.LET_THROUGH}
    assert still == {}
    assert len(outcomes) == 8


def test_what_was_unsealed_and_its_key_are_followed(view: EnvironmentView) -> None:
    planted = Planted(marker="leaks-0", namespace="shop", address="a", value=b"put-into-the-manager")
    (key,) = active_keys(view.kubernetes, HOME)
    before = {one.name for one in known.of_environment(view, planted, ()).elsewhere}
    with unsealed(view):
        found = known.of_environment(view, planted, ()).elsewhere
        (added,) = [one for one in found if one.name not in before]
        assert added.name.endswith("value, prod, by a SealedSecret")
        (name,) = {added.name.partition(",")[0].partition("/")[2]}
        (value,) = view.secret_data("blog", name).values()
        assert Search(list(found)).hits("here", b"before " + value)
    assert f"{HOME}/{key['metadata']['name']}, tls.key, prod, sealing key" in before
    assert known.of_environment(view, planted, ()).elsewhere == {one for one in found if one is not added}
    assert view.kubernetes.get(f"/api/v1/namespaces/blog/secrets/{name}").status_code == 404
