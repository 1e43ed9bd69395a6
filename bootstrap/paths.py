"""Where things live on this machine: nothing that `up` makes is inside the checkout."""

import hashlib
import json
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from bootstrap.errors import BootstrapError

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_PORT_BASE = 14560
PORTS_PER_CLUSTER = 20
_LOWEST_PORT, _HIGHEST_BASE = 1024, 65000
_PORTS_FILE = "ports.json"
RUN_LOCK = "run.lock"


def private_dir(path: Path) -> Path:
    """Create a directory that only its owner can enter."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> Path:
    """Write a file that only its owner can read, in one step: a reader never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)  # a full disk leaves the old file whole, and no half of the new one
        raise
    return path


def cache_dir() -> Path:
    """Tools and downloads, shared by all checkouts. `SECRETS_BOOTSTRAP_CACHE` moves it."""
    chosen = os.environ.get("SECRETS_BOOTSTRAP_CACHE")
    path = Path(chosen) if chosen else platformdirs.user_cache_path("secrets-bootstrap")
    path.mkdir(parents=True, exist_ok=True)
    return path


def state_dir(stack: str) -> Path:
    """What one stack of this checkout runs on (backend, local cloud, logs). `SECRETS_BOOTSTRAP_STATE_DIR` moves it."""
    chosen = os.environ.get("SECRETS_BOOTSTRAP_STATE_DIR")
    if chosen:
        return private_dir(_not_somebody_elses(Path(chosen).absolute()))
    checkout = hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:8]
    return private_dir(platformdirs.user_state_path("secrets-bootstrap") / f"{stack}-{checkout}")


def _not_somebody_elses(path: Path) -> Path:
    """A folder that `down` may remove with all that is in it: a stack's, an empty one, or one that is not there yet."""
    names = {item.name for item in path.iterdir()} if path.exists() else set[str]()
    if names - {RUN_LOCK} and _PORTS_FILE not in names:
        raise BootstrapError(
            f"SECRETS_BOOTSTRAP_STATE_DIR={path}",
            "the folder holds something else, and `down` would remove it",
            "name an empty folder, or one that does not exist",
        )
    return path


def remove_state(directory: Path) -> None:
    """Remove a stack's folder. The file that tells whose it is goes last, so that a second try can finish a first."""
    for item in directory.iterdir():
        if item.is_dir():
            shutil.rmtree(item)
        elif item.name != _PORTS_FILE:
            item.unlink()
    shutil.rmtree(directory)


@dataclass(frozen=True)
class Ports:
    """Loopback ports of one stack: `base` is the local cloud, then a block of `PORTS_PER_CLUSTER` for each cluster.

    Ports are part of a cluster's issuer URL, so they are written down once and kept.
    """

    base: int
    directory: Path

    @classmethod
    def load(cls, directory: Path, default_base: int = DEFAULT_PORT_BASE) -> "Ports":
        """The ports recorded in `directory`, or those that `SECRETS_BOOTSTRAP_PORT_BASE` chooses."""
        record = directory / _PORTS_FILE
        if record.exists():
            return cls(_read_ports(record)["base"], directory)
        base = _chosen_base(default_base)
        write_private(record, json.dumps({"base": base, "clusters": []}))
        return cls(base, directory)

    @property
    def cloud(self) -> int:
        return self.base

    def cluster_base(self, name: str) -> int:
        """The first port of the block that belongs to cluster `name`; a new name gets the next block."""
        record = self.directory / _PORTS_FILE
        data = _read_ports(record)
        if name not in data["clusters"]:
            data["clusters"].append(name)
            write_private(record, json.dumps(data))
        return self.base + PORTS_PER_CLUSTER * (1 + data["clusters"].index(name))


def _read_ports(record: Path) -> dict[str, Any]:
    try:
        data = json.loads(record.read_text())
        return {"base": int(data["base"]), "clusters": list(data["clusters"])}
    except (ValueError, KeyError, TypeError):
        raise broken_record(record) from None


def broken_record(record: Path) -> BootstrapError:
    """For a file of ours that cannot be read: its content is not shown."""
    return BootstrapError(str(record), "it is damaged", "make down && make up, which makes everything anew")


def _chosen_base(default: int) -> int:
    text = os.environ.get("SECRETS_BOOTSTRAP_PORT_BASE", str(default))
    if not text.isdecimal() or not _LOWEST_PORT <= int(text) <= _HIGHEST_BASE:
        raise BootstrapError(
            "SECRETS_BOOTSTRAP_PORT_BASE",
            f"is not a port from {_LOWEST_PORT} to {_HIGHEST_BASE}",
            f"choose the first of a free block, such as {DEFAULT_PORT_BASE}",
        )
    return int(text)


def require_free(port: int, purpose: str) -> None:
    """Refuse a port that some other program listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise BootstrapError(
                f"port {port} ({purpose})",
                "another program on this machine is listening on it",
                "stop that program, or choose another block: make down && SECRETS_BOOTSTRAP_PORT_BASE=<port> make up",
            ) from error
