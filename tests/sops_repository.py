"""A repository with SOPS files, for tests, and who works in it: the real sops, by itself and by our commands."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from bootstrap.toolchain.folders import tools_dir
from tests.local_stack import BOOTSTRAP, REPOSITORY

VALUE = os.urandom(12).hex()


@dataclass(frozen=True)
class SopsRepository:
    """`environment` is what the person who works in it has beside the test's own variables: credentials."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def create(cls, folder: Path) -> "SopsRepository":
        for name in ("repository", "manager"):
            (folder / name).mkdir()
        return cls(folder / "repository")

    def by(self, **environment: str) -> "SopsRepository":
        """The same repository, and somebody with these variables too."""
        return replace(self, environment={**self.environment, **environment})

    def by_age_key(self, name: str) -> "SopsRepository":
        """Somebody who may ask the manager for this key."""
        return self.by(SOPS_AGE_KEY_CMD=f"cat {self.root.parent / 'manager' / name}")

    def age_key(self, name: str) -> str:
        """The manager is a folder here; what stores the key is a command that reads it from its input."""
        command = ["sh", "-c", f"cat > {self.root.parent / 'manager' / name}"]
        return self.bootstrap("age-key", "--", *command).stdout.strip()

    def stored(self, name: str) -> bytes:
        """What the manager has of such a key: the private half."""
        return (self.root.parent / "manager" / name).read_bytes()

    def recipients(self, **environments: Any) -> None:
        (self.root / "sops-recipients.yaml").write_text(yaml.safe_dump(environments))
        self.bootstrap("config")

    def encrypt(self, environment: str) -> Path:
        """As a person does, by a pipe: the plain text is never a file."""
        file = self.root / "secrets" / environment / "registry.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        done = self.try_to_encrypt(environment)
        assert done.returncode == 0, done.stderr
        file.write_text(done.stdout)
        return file

    def try_to_encrypt(self, environment: str) -> "subprocess.CompletedProcess[str]":
        metadata = {"name": f"registry-{environment}", "namespace": "default"}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": VALUE}}
        name = f"secrets/{environment}/registry.yaml"
        return self.sops("encrypt", "--filename-override", name, "/dev/stdin", stdin=yaml.safe_dump(secret))

    def opens(self, file: Path) -> bool:
        done = self.sops("decrypt", str(file))
        assert (done.returncode == 0) == (VALUE in done.stdout)
        return done.returncode == 0

    def sops(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        return self._run([str(tools_dir() / "sops"), *arguments], stdin)

    def bootstrap(
        self, *arguments: str, group: str = "sops", fails: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        done = self._run([*BOOTSTRAP, group, *arguments], "")
        assert (done.returncode != 0) == fails, done.stderr
        assert VALUE not in done.stdout + done.stderr
        return done

    def _run(self, command: list[str], stdin: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(REPOSITORY)}
        return subprocess.run(
            command, cwd=self.root, env=environment, input=stdin, capture_output=True, text=True, check=False
        )
