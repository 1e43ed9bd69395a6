"""`pods.json`: which processes belong to which pod, for the next node agent and for `bootstrap.lifecycle`."""

import json
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bootstrap.paths import write_private
from bootstrap.processes import end_tree, recorded_process


@dataclass(frozen=True, kw_only=True)
class PodRecord:
    """One pod. `pid` is its first process, None while none runs. `folder` holds a `.pid` file for each container."""

    uid: str
    pid: int | None
    restarts: dict[str, int]
    ports: dict[int, int]
    folder: str


class PodRecords:
    """The file. Only pods with a running process are in it: a reader takes every `pid` for a process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._pods: dict[str, PodRecord] = {}
        if path.exists():
            stored: dict[str, dict[str, Any]] = json.loads(path.read_text())
            for key, item in stored.items():
                ports = {int(port): local for port, local in item.pop("ports").items()}
                record = PodRecord(**item, ports=ports)
                self._pods[key] = record if _runs(record) else replace(record, pid=None)
        self._write()

    def get(self, key: str) -> PodRecord | None:
        with self._lock:
            return self._pods.get(key)

    def all(self) -> dict[str, PodRecord]:
        with self._lock:
            return dict(self._pods)

    def put(self, key: str, record: PodRecord) -> None:
        with self._lock:
            if self._pods.get(key) != record:
                self._pods[key] = record
                self._write()

    def remove(self, key: str, uid: str) -> None:
        with self._lock:
            if key in self._pods and self._pods[key].uid == uid:
                del self._pods[key]
                self._write()

    def _write(self) -> None:
        running = {key: asdict(record) for key, record in self._pods.items() if record.pid is not None}
        write_private(self._path, json.dumps(running, indent=1))


def _runs(record: PodRecord) -> bool:
    processes = [recorded_process(file) for file in Path(record.folder).glob("*.pid")]
    return record.pid in [process.pid for process in processes if process is not None]


def end_processes(record: PodRecord) -> None:
    """End what an earlier node agent left of a pod that is no longer wanted."""
    for file in Path(record.folder).glob("*.pid"):
        process = recorded_process(file)
        if process is not None:
            end_tree(process)
        file.unlink(missing_ok=True)
