"""A run for people and for machines: versions and times, never a value."""

from typing import Any

from rich.console import Console
from rich.table import Table

from bootstrap.rotation.secrets.record import RunRecord, StageRecord


def to_json(run: RunRecord) -> dict[str, Any]:
    return {"secret": run.secret, "finished": run.finished, "stages": [_stage(stage) for stage in run.stages]}


def _stage(stage: StageRecord) -> dict[str, Any]:
    return {
        "environment": stage.environment,
        "step": str(stage.step),
        "before": stage.before,
        "after": stage.after,
        "secondsToSync": stage.synced_after,
        "secondsToReload": stage.reloaded_after,
    }


def show(run: RunRecord, console: Console) -> None:
    table = Table(title=f"Rotation of {run.secret}", title_justify="left")
    for heading in ("stage", "step", "version before", "version after"):
        table.add_column(heading, overflow="fold")
    for heading in ("write to sync, s", "write to reload, s"):
        table.add_column(heading, justify="right")
    for stage in run.stages:
        times = [f"{one:.2f}" if one is not None else "" for one in (stage.synced_after, stage.reloaded_after)]
        table.add_row(stage.environment, str(stage.step), stage.before or "", stage.after or "", *times)
    console.print(table)
