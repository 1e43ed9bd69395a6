"""What a run leaves on disk: which version each stage had, and how far it is. Never a value."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from bootstrap.paths import broken_record, private_dir, write_private


class Step(StrEnum):
    """How far a stage is. WRITING and RESTORING are set before the manager is asked, so either may have happened."""

    PENDING = "pending"
    WRITING = "writing"
    WRITTEN = "written"
    PROVED = "proved"
    RESTORING = "restoring"
    RESTORED = "restored"


@dataclass
class StageRecord:
    """One environment.

    before, after: ids of the versions that it had and is given. revisions, generations: of its Secrets and Deployments
    before a change, by path. written_at: seconds since 1970; synced_after, reloaded_after: seconds from then.
    """

    environment: str
    step: Step = Step.PENDING
    before: str | None = None
    after: str | None = None
    written_at: float | None = None
    synced_after: float | None = None
    reloaded_after: float | None = None
    revisions: dict[str, str] = field(default_factory=dict[str, str])
    generations: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a run goes, kept so that a resumed run has the same gates.

    generate: length of generated values; None: they come from standard input.
    soak: seconds for which a stage must hold before the next one begins.
    timeout: seconds that each wait may take.
    check: a command of yours that must succeed for each stage.
    """

    generate: int | None = None
    soak: float = 0
    timeout: float = 120
    check: Sequence[str] = ()


@dataclass
class RunRecord:
    """One run over the stages of one secret, in order."""

    secret: str
    settings: Settings
    stages: list[StageRecord]
    file: Path = field(repr=False)

    @classmethod
    def path(cls, directory: Path, secret: str) -> Path:
        return directory / "rotations" / f"{secret.replace('/', '--')}.json"

    @classmethod
    def load(cls, directory: Path, secret: str) -> "RunRecord | None":
        """The last run of a secret; None if there was none."""
        file = cls.path(directory, secret)
        if not file.exists():
            return None
        try:
            data = json.loads(file.read_text())
            stages = [StageRecord(**{**stage, "step": Step(stage["step"])}) for stage in data["stages"]]
            return cls(secret, Settings(**data["settings"]), stages, file)
        except (ValueError, KeyError, TypeError):
            raise broken_record(file) from None

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be done: all stages are proved, or none has the new version."""
        steps = {stage.step for stage in self.stages}
        return steps == {Step.PROVED} or steps <= {Step.PENDING, Step.RESTORED}

    @property
    def rolling_back(self) -> bool:
        """Whether a way back was begun; from there is no way forward but a new run."""
        return any(stage.step in (Step.RESTORING, Step.RESTORED) for stage in self.stages)

    def save(self) -> None:
        private_dir(self.file.parent)
        data = {
            "secret": self.secret,
            "settings": asdict(self.settings),
            "stages": [asdict(stage) for stage in self.stages],
        }
        write_private(self.file, json.dumps(data))
