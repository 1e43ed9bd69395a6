"""Measures, printed and not asserted: the main job by step, components, growth, import time, tenants' data."""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bootstrap import lifecycle
from bootstrap.engine import Engine
from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.paths import REPOSITORY
from bootstrap.toolchain.install import install
from bootstrap.toolchain.tools import COMMON
from tests.bench.tenants import batch
from tests.bench.tenants_vault import batch_on_vault
from tests.local_stack import environment_of, free_port_base

PROGRAMS = REPOSITORY / "tests" / "bench" / "programs"
ROUNDS = 3
GROWTH = (1, 10, 100)
console = Console()


def main() -> None:
    for measure in (import_time, main_job, cost_of_components, growth):
        measure()
    batch(console)
    batch_on_vault(console)


def main_job() -> None:
    """From `up` with cached tools to the first synced secret, and every gate."""
    with tempfile.TemporaryDirectory() as name, environment_of(Path(name), free_port_base()):
        started = time.monotonic()
        report = lifecycle.up("local", console)
        console.print(f"`up` and all gates: {time.monotonic() - started:.1f} s")
        report.print(console)
        lifecycle.down("local", console)


@dataclass(frozen=True)
class Run:
    seconds: float
    memory_kib: int
    resources: Counter[str]


@contextmanager
def foundation(program: str, environments: int, **variables: str) -> Iterator[tuple[Engine, Path]]:
    """One program's engine on a local AWS of its own. `variables` go to the engine."""
    with tempfile.TemporaryDirectory() as name, environment_of(Path(name), free_port_base()) as chosen:
        directory = Path(name)
        aws = LocalAws(directory / "aws", int(chosen["SECRETS_BOOTSTRAP_PORT_BASE"]))
        aws.start()
        memory = directory / "memory"
        given = {
            "PYTHONPATH": str(REPOSITORY),
            "BENCH_ENVIRONMENTS": str(environments),
            "BENCH_MEMORY": str(memory),
            **variables,
        }
        engine = Engine(
            stack="bench",
            directory=directory,
            tools=install(console, COMMON),
            cloud_environment={**aws.deployer_environment(), **given},
            program=PROGRAMS / program,
        )
        engine.prepare()
        try:
            yield engine, memory
        finally:
            aws.stop()


def timed(engine: Engine, operation: str, *flags: str) -> float:
    started = time.monotonic()
    engine.operate(operation, *flags, capture=True)
    return time.monotonic() - started


def cost_of_components() -> None:
    """Our composite beside a plain program that creates the same, in turns."""
    runs: dict[str, list[Run]] = {"composite": [], "plain": []}
    for _ in range(ROUNDS):
        for program, done in runs.items():
            with foundation(program, 10) as (engine, memory):
                seconds = timed(engine, "up", "--yes", "--skip-preview")
                resources = engine.export()["deployment"]["resources"]
                done.append(
                    Run(seconds, int(memory.read_text()), Counter(one["type"] for one in resources if one["custom"]))
                )
    same = runs["composite"][0].resources == runs["plain"][0].resources
    table = Table(title=f"10 foundations, {ROUNDS} rounds in turns; the same resources: {same}")
    for heading in ("program", "best wall time (s)", "peak memory of the program (MiB)"):
        table.add_column(heading, justify="right")
    best = {program: min(done, key=lambda run: run.seconds) for program, done in runs.items()}
    for program, run in best.items():
        table.add_row(program, f"{run.seconds:.2f}", f"{run.memory_kib / 1024:.0f}")
    ratio = best["composite"].seconds / best["plain"].seconds
    memory_ratio = best["composite"].memory_kib / best["plain"].memory_kib
    table.add_row("composite / plain", f"{ratio:.3f}", f"{memory_ratio:.3f}")
    console.print(table)


def growth() -> None:
    """Preview of nothing, up, and no-op up of foundations.

    The engine writes its state after each resource, which takes most of the time of a large `up`: here it writes once.
    """
    table = Table(title="Growth with the number of environments (foundations, without checkpoints; seconds)")
    for heading in ("environments", "resources", "preview", "up", "no-op up"):
        table.add_column(heading, justify="right")
    for count in GROWTH:
        with foundation("composite", count, PULUMI_SKIP_CHECKPOINTS="true") as (engine, _):
            preview = timed(engine, "preview")
            up = timed(engine, "up", "--yes", "--skip-preview")
            resources = len(engine.export()["deployment"]["resources"])
            no_op = timed(engine, "up", "--yes", "--skip-preview", "--expect-no-changes")
        table.add_row(str(count), str(resources), *(f"{seconds:.1f}" for seconds in (preview, up, no_op)))
    console.print(table)


def import_time() -> None:
    """What `import components` costs beside `import pulumi`, in fresh interpreters."""
    script = (
        "import time, json; a = time.perf_counter(); import pulumi; b = time.perf_counter(); import components;"
        "c = time.perf_counter(); components.SecretsBootstrap; d = time.perf_counter();"
        "print(json.dumps([b - a, c - b, d - c]))"
    )
    runs = [
        json.loads(
            subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, check=True).stdout
        )
        for _ in range(ROUNDS)
    ]
    table = Table(title="Import time (seconds, best of rounds)")
    for heading in ("import pulumi", "import components", "first use of SecretsBootstrap (loads the SDKs)"):
        table.add_column(heading, justify="right")
    table.add_row(*(f"{min(times):.3f}" for times in zip(*runs, strict=True)))
    console.print(table)


main()
