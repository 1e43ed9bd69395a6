"""All attacks on all environments of a running stack, and who can read what."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from bootstrap.proof import cluster, sealed
from bootstrap.proof.attack import Attack, Verdict, judged
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from bootstrap.proof.report import Proof, Reach
from bootstrap.verification.environment import EnvironmentView, RefusedError


def prove(
    stack: str,
    kind: str,
    views: Sequence[EnvironmentView],
    state: Mapping[str, Any],
    progress: Callable[[EnvironmentView, Attack], None],
) -> Proof:
    """Try every attack. `kind` is the stack's cloud; `state` its export, whose documents are judged offline; `progress`
    is told of each attack before it is tried."""

    def attack_all(view: EnvironmentView) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for attack in attacks(kind, view, views):
            progress(view, attack)
            verdicts.append(judged(view, attack))
        return verdicts

    reach = list(_reach(views))
    with ThreadPoolExecutor() as pool:  # each environment has a cluster of its own, and most of the time is waiting
        verdicts = [verdict for found in pool.map(attack_all, views) for verdict in found]
    return Proof(stack=stack, verdicts=verdicts, reach=reach, matrix=matrix(Documents.of_state(state)))


def attacks(kind: str, view: EnvironmentView, views: Sequence[EnvironmentView]) -> Sequence[Attack]:
    """Every attack on one environment of a stack."""
    others = [other for other in views if other.name != view.name]
    manager = import_module(f"bootstrap.proof.{kind}")
    return [*manager.attacks(view, others), *cluster.attacks(view), *sealed.attacks(view)]


def _reach(views: Sequence[EnvironmentView]) -> Iterator[Reach]:
    """Which operator can read which environment's secret, as the manager answers right now."""
    for reader in views:
        for owner in views:
            try:
                reader.read_secret(owner.canary_address)
                allowed = True
            except RefusedError:
                allowed = False
            yield Reach(reader=reader.name, owner=owner.name, secret=owner.canary_address, allowed=allowed)
