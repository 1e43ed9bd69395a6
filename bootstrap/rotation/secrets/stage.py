"""One environment of a rotation: the value is written, read anew by the operator, and taken up by the workloads."""

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import not_rolled_out
from bootstrap.rotation.secrets.consumers import Synced, Workload, synced_from, workloads_of
from bootstrap.rotation.secrets.container import Container
from bootstrap.rotation.secrets.evidence import not_synced, obstacles
from bootstrap.rotation.secrets.record import Settings, StageRecord, Step
from bootstrap.verification.environment import EnvironmentView

_POLL_SECONDS = 0.2
_FORCE_SYNC = "force-sync"
_MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`save` keeps the record; it is called before and after each call that changes the manager. `tell`: progress."""

    view: EnvironmentView
    container: Container
    record: StageRecord
    settings: Settings
    save: Callable[[], None]
    tell: Callable[[str], None]

    @cached_property
    def synced(self) -> Sequence[Synced]:
        return synced_from(self.view, self.container.remote_key)

    @cached_property
    def workloads(self) -> Sequence[Workload]:
        return workloads_of(self.view, self.synced)

    def require_ready(self) -> None:
        """Refuse to begin where there is nothing to go back to, or where something is not well already."""
        if self.container.current() is None:
            raise self._stopped("the container is empty, so there would be nothing to roll back to", "fill it first")
        for why, mend in obstacles(self.synced, self.workloads):
            raise self._stopped(why, mend)
        wrong = self._not_well()
        if wrong is not None:
            raise self._stopped(wrong, "mend that before the rotation: it would hide what the new value breaks")

    @property
    def needs_value(self) -> bool:
        """Whether a value has still to be written."""
        if self.record.step is Step.WRITING:
            return self.container.current() == self.record.before
        return self.record.step is Step.PENDING

    def advance(self, value: str | None) -> None:
        """Go on from where the stage is until it is proved. `value`: needed as long as none is written."""
        record = self.record
        if record.step is Step.PENDING:
            record.before = self.container.current() or ""  # it is not empty: `require_ready` has looked
            record.after = self.container.next_version(record.before)
            self._note_revisions()
            self._reach(Step.WRITING)
        if record.step is Step.WRITING:
            self._write(value)
        if record.step is Step.WRITTEN:
            self._require_current(record.after)
            self._prove(record)
            self._reach(Step.PROVED)

    def take_back(self) -> None:
        """Put the earlier version back and see it arrive. What was never written needs nothing."""
        record = self.record
        if record.step in (Step.PENDING, Step.RESTORED):
            return
        before, after = record.before or "", record.after or ""
        current = self.container.current()
        if record.step is Step.WRITING and current == before:
            self._reach(Step.RESTORED)
            return
        if record.step is not Step.RESTORING:
            self._require_current(after)
            self._note_revisions()
            self._reach(Step.RESTORING)
        if current == after:
            self.tell("version before it: put back")
            self.container.restore(before, replacing=after)
        self._require_current(self.container.restored_version(before, after))
        self._sync(must_write=False)
        self._reload()
        self._reach(Step.RESTORED)

    def _write(self, value: str | None) -> None:
        record = self.record
        before, after = record.before or "", record.after or ""
        if self.container.current() == before:
            if value is None:
                raise self._stopped("its new value was not given", "give it, or --generate")
            self._require_other_value(value)
            self.tell("new version: written to the manager")
            self.container.write(value, version=after, replacing=before)
        self._require_current(after)
        record.written_at = time.time()
        self._reach(Step.WRITTEN)

    def _require_other_value(self, value: str) -> None:
        name, there = self.container.written_property, self.container.read()
        if value == (there if isinstance(there, str) else there.get(name or "")):
            raise self._stopped("the new value is the one that is there", "give another one")

    def _prove(self, record: StageRecord) -> None:
        started = record.written_at or time.time()
        self._sync()
        record.synced_after = round(time.time() - started, 2)
        self._reload()
        record.reloaded_after = round(time.time() - started, 2)
        self.save()
        if self.settings.soak:
            self.tell(f"holding for {self.settings.soak:g} s")
            time.sleep(self.settings.soak)
        if self.settings.check:
            self._check()
        wrong = self._not_well()
        if wrong is not None:
            raise self._stopped(wrong, self._go_on)

    def _sync(self, *, must_write: bool = True) -> None:
        """Make the operator read again, and wait until it has seen that and holds what the manager has.

        The annotation is part of what `syncedResourceVersion` is made of, so a sync from before it does not count
        (external-secrets v0.20.4, `GetResourceVersion`). must_write: whether the Secrets held another value before.
        """
        seen = {}
        for one in self.synced:
            self.tell(f"ExternalSecret {one.namespace}/{one.name}: waiting for the new value")
            seen[one.path] = self._synced_version(one)
            annotation = {"metadata": {"annotations": {_FORCE_SYNC: uuid.uuid4().hex}}}
            self.view.kubernetes.patch(one.path, json=annotation, headers=_MERGE_PATCH).raise_for_status()
        value = self.container.read()

        def missing() -> str | None:
            for one in self.synced:
                if self._synced_version(one) == seen[one.path]:
                    return f"ExternalSecret {one.namespace}/{one.name} was not synced again"
                wrong = not_synced(self.view, one, value)
                if wrong is not None:
                    return wrong
                if must_write and not one.comparable and not self._has_moved(one):
                    return f"Secret {one.namespace}/{one.secret} was not written"
            return None

        self._wait(missing)

    def _reload(self) -> None:
        """Restart what asked for it here, and wait until all that uses the Secrets runs with them."""
        moved = {(one.namespace, one.secret) for one in self.synced if self._has_moved(one)}
        concerned = [one for one in self.workloads if any((one.namespace, secret) in moved for secret in one.secrets)]
        for one in concerned:
            if one.restarted_by == "rotate":
                self.tell(f"Deployment {one.namespace}/{one.name}: rolling restart")
                self._restart(one)
            elif one.restarted_by is not None:
                self.tell(f"Deployment {one.namespace}/{one.name}: waiting for {one.restarted_by}")

        def missing() -> str | None:
            for one in concerned:
                deployment = self.view.get(one.path)
                if one.restarted_by and deployment["metadata"]["generation"] <= self.record.generations[one.path]:
                    return f"Deployment {one.namespace}/{one.name} was not restarted by {one.restarted_by}"
                wrong = not_rolled_out(deployment)
                if wrong is not None:
                    return wrong
            return None

        self._wait(missing)

    def _restart(self, one: Workload) -> None:
        """Write the Secrets' revisions into the pod template: the same ones change nothing, so this can be repeated."""
        revisions = {
            f"secrets-bootstrap/secret-{secret.secret}": self._revision(secret)
            for secret in self.synced
            if secret.namespace == one.namespace and secret.secret in one.secrets
        }
        patch = {"spec": {"template": {"metadata": {"annotations": revisions}}}}
        self.view.kubernetes.patch(one.path, json=patch, headers=_MERGE_PATCH).raise_for_status()

    def _check(self) -> None:
        self.tell(f"check: {self.settings.check[0]}")
        command = [*self.settings.check, self.record.environment]
        try:
            code = subprocess.run(
                command, check=False, timeout=self.settings.timeout, stdin=subprocess.DEVNULL, stdout=sys.stderr
            )
            failed = f"ended with {code.returncode}" if code.returncode else None
        except subprocess.TimeoutExpired:
            failed = f"did not end within {self.settings.timeout:g} s"
        except OSError as error:
            failed = f"cannot be run: {error.strerror}"
        if failed is not None:
            raise self._stopped(f"the check {self.settings.check[0]} {failed}", self._go_on)

    def _not_well(self) -> str | None:
        value = self.container.read()
        for one in self.synced:
            wrong = not_synced(self.view, one, value)
            if wrong is not None:
                return wrong
        for workload in self.workloads:
            wrong = not_rolled_out(self.view.get(workload.path))
            if wrong is not None:
                return wrong
        return None

    def _wait(self, missing: Callable[[], str | None]) -> None:
        deadline = time.monotonic() + self.settings.timeout
        wrong = missing()
        while wrong is not None:
            if time.monotonic() > deadline:
                raise self._stopped(f"{wrong}, after {self.settings.timeout:g} s", self._go_on)
            time.sleep(_POLL_SECONDS)
            wrong = missing()

    def _note_revisions(self) -> None:
        self.record.revisions = {one.secret_path: self._revision(one) for one in self.synced}
        self.record.generations = {
            one.path: int(self.view.get(one.path)["metadata"]["generation"]) for one in self.workloads
        }

    def _has_moved(self, one: Synced) -> bool:
        return self._revision(one) != self.record.revisions.get(one.secret_path)

    def _revision(self, one: Synced) -> str:
        return str(self.view.get(one.secret_path)["metadata"]["resourceVersion"])

    def _synced_version(self, one: Synced) -> str:
        return str(self.view.get(one.path).get("status", {}).get("syncedResourceVersion", ""))

    def _require_current(self, version: str | None) -> None:
        if self.container.current() != version:
            raise self._stopped(
                "the manager's current version is neither the old nor the new one: somebody else has written it",
                "see who did; `rotate abandon` forgets this run and changes nothing",
            )

    def _reach(self, step: Step) -> None:
        self.record.step = step
        self.save()

    @property
    def _go_on(self) -> str:
        return "mend it and `rotate resume`, or `rotate roll-back`; later stages were not touched"

    def _stopped(self, why: str, mend: str) -> BootstrapError:
        return BootstrapError(f"environment {self.record.environment}", why, mend)
