"""The order of stages: each is proved before the next one is touched, and the way back is the reverse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bootstrap.errors import BootstrapError
from bootstrap.rotation.secrets.container import Container
from bootstrap.rotation.secrets.record import RunRecord, StageRecord
from bootstrap.rotation.secrets.stage import Stage
from bootstrap.verification.environment import EnvironmentView

Values = Callable[[Sequence[str]], dict[str, str]]
Tell = Callable[[StageRecord, str], None]


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """A run over stages. `values` gives the new values of the environments that it is asked for; `tell`: progress."""

    run: RunRecord
    views: Sequence[EnvironmentView]
    containers: Sequence[Container]
    tell: Tell

    def start(self, values: Values) -> None:
        """Look at every stage before the first is written, then go on."""
        for stage in self._stages():
            stage.require_ready()
        self.run.save()
        self.resume(values)

    def resume(self, values: Values) -> None:
        """Go on from where a run ended. Values are asked for once, for the stages that have none yet."""
        stages = self._stages()
        wanting = [stage.record.environment for stage in stages if stage.needs_value]
        given = values(wanting) if wanting else {}
        for stage in stages:
            stage.advance(given.get(stage.record.environment))

    def roll_back(self) -> None:
        """Put the earlier version back in every stage that has the new one, the last one first."""
        for stage in reversed(self._stages()):
            stage.take_back()

    def _stages(self) -> list[Stage]:
        return [
            Stage(
                view=view,
                container=container,
                record=record,
                settings=self.run.settings,
                save=self.run.save,
                tell=lambda text, record=record: self.tell(record, text),
            )
            for view, container, record in zip(self.views, self.containers, self.run.stages, strict=True)
        ]


def in_order(views: Sequence[EnvironmentView], environments: Sequence[str]) -> list[EnvironmentView]:
    """The views of the named environments, in the order that was given. Raises BootstrapError."""
    known = {view.name: view for view in views}
    unknown = [name for name in environments if name not in known]
    if not environments or unknown or len(set(environments)) != len(environments):
        raise BootstrapError(
            "--stages",
            f"the stack has no environment {unknown[0]}" if unknown else "it names none, or one twice",
            f"name some of {', '.join(sorted(known))} in order, the least important first",
        )
    return [known[name] for name in environments]
