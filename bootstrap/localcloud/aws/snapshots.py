"""moto's objects on disk: one file for each service and region, replaced whole after each change."""

import io
import os
import pickle
from importlib.metadata import version
from pathlib import Path
from typing import Any

from moto.backends import get_backend

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.aws.wire import ACCOUNT
from bootstrap.paths import private_dir

_SAFE = {
    ("builtins", "dict"),
    ("builtins", "set"),
    ("builtins", "getattr"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("re", "_compile"),
}


class Snapshots:
    """Saves and loads the backends of moto. The directory holds values and key material: only its owner enters."""

    def __init__(self, directory: Path) -> None:
        self._directory = private_dir(directory)

    def load(self) -> None:
        """Put what is on disk into moto, in place of all it holds."""
        for path in sorted(self._directory.glob("*.pickle")):
            service, _, region = path.stem.partition("@")
            written_by, backend = _Unpickler(io.BytesIO(path.read_bytes())).load()
            if written_by != version("moto"):
                raise BootstrapError(
                    f"the local AWS in {self._directory.parent}",
                    f"moto {written_by} wrote its state, and this is moto {version('moto')}",
                    "install the version of requirements.txt, or start anew: make down && make up",
                )
            backends: Any = get_backend(service)  # pyright: ignore[reportCallIssue, reportArgumentType]
            backends[ACCOUNT][region] = backend

    def save(self, service: str, region: str, backend: Any) -> None:
        """Write one backend. When this returns, killing the process loses nothing of it."""
        if service == "kms":
            for key in backend.keys.values():
                key.private_key = None  # moto makes one for symmetric keys too, and never uses it
        path = self._directory / f"{service}@{region}.pickle"
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            pickle.dump((version("moto"), backend), file, protocol=pickle.HIGHEST_PROTOCOL)
        temporary.replace(path)


class _Unpickler(pickle.Unpickler):
    """Makes moto's own objects and plain data, and nothing else that a tampered file could name."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("moto.") or (module, name) in _SAFE:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} has no place in the state of the local AWS")
