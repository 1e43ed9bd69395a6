"""Arguments and environments of all processes of the machine while a stack is at work, as the kernel has them.

They are sampled: a process that ends between two looks is missed.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil

from bootstrap.canaries.place import Place
from bootstrap.canaries.search import Piece

_SECONDS = 0.02
_LOOKS = 25
"""At a new process, one after the other: what it is given comes with its `exec`, a moment after it begins."""


class Watch:
    """Looks while its block runs. `seen`: all that there was."""

    def __init__(self) -> None:
        self.seen: set[Piece] = set()
        self._looks: Counter[int] = Counter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def places(self, root: Path) -> Iterator[Place]:
        """`root`: the stack's folder, which the engine's own environment names."""
        control = f"PULUMI_CONFIG_PASSPHRASE_FILE={root}/passphrase".encode()
        yield Place(name="arguments and environments of processes", read=lambda: self.seen, control=control)

    def _run(self) -> None:
        while not self._ended.wait(_SECONDS):
            running = set(psutil.pids())
            for pid in running:
                if self._looks[pid] < _LOOKS:
                    self._looks[pid] += 1
                    self._look(pid)
            for pid in self._looks.keys() - running:  # its number may be given to another process
                del self._looks[pid]

    def _look(self, pid: int) -> None:
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                name = process.name()
                arguments, environment = process.cmdline(), process.environ()
        except (psutil.Error, OSError):
            return  # gone meanwhile, or somebody else's
        self.seen.add((f"the arguments of {name}", "\0".join(arguments).encode(errors="surrogateescape")))
        variables = "\0".join(f"{key}={value}" for key, value in environment.items())
        self.seen.add((f"the environment of {name}", variables.encode(errors="surrogateescape")))
