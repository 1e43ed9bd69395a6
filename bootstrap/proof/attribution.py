"""Whether each read can be laid at somebody's door. An attack like any other: a read that leaves no name."""

from bootstrap.canaries.planting import planted
from bootstrap.proof.attack import Attack
from bootstrap.verification.environment import EnvironmentView, RefusedError


def reads_without_a_name(view: EnvironmentView, judge: str) -> Attack:
    """A fresh value is synced; every read of it has to name environment, namespace and service account."""

    def attempt() -> None:
        with planted(view) as fresh:
            readers = view.readers_of(fresh.address)
        if set(readers) == {view.reader}:
            raise RefusedError(f"the log names {view.reader} for each of {len(readers)} reads of a new secret")

    return Attack(
        name="a secret is read and the log does not say by whom",
        control="an identity for each operator, and no shared credential",
        judge=judge,
        rightful=lambda: view.read_secret(view.canary_address),
        attempt=attempt,
    )
