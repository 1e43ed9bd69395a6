"""Daemons started and ended together. One daemon by itself is `bootstrap.processes`."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bootstrap.processes import Daemon, is_alive

_POLL_SECONDS = 0.05


def ensure_together(daemons: list[Daemon], after_last: Callable[[], None]) -> list[str]:
    """Start daemons at the same time; `after_last` waits for what the last of them starts."""

    def ensure(daemon: Daemon) -> bool:
        started = daemon.ensure()
        if daemon is daemons[-1]:
            after_last()
        return started

    with ThreadPoolExecutor(len(daemons)) as pool:
        results = list(pool.map(ensure, daemons))
    return [daemon.name for daemon, started in zip(daemons, results, strict=True) if started]


def kill(daemon: Daemon) -> None:
    """End a program at once. The API server would wait a minute for those who watch, and keeps nothing of its own."""
    process = daemon.process()
    if process is not None:
        process.kill()
        while is_alive(process):
            time.sleep(_POLL_SECONDS)
    daemon.stop()


def stop_together(daemons: list[Daemon]) -> None:
    with ThreadPoolExecutor(len(daemons)) as pool:
        list(pool.map(Daemon.stop, daemons))
