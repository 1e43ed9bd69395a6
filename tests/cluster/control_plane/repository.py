"""A repository with encrypted files, and whoever works in it with the real programs."""

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from bootstrap.toolchain.folders import tools_dir
from tests.local_stack import BOOTSTRAP, REPOSITORY

VALUE = os.urandom(12).hex()


class Repository:
    """A repository with SOPS files, and whoever works in it."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root, self.identities, self.environment = root, root.parent / "manager", environment
        self.identities.mkdir()

    def age_key(self, name: str) -> str:
        """The manager is a folder here; what stores the key is a command that reads it from its input."""
        command = ["sh", "-c", f"cat > {self.identities / name}"]
        return self.bootstrap("age-key", "--", *command).stdout.strip()

    def recipients(self, **environments: Any) -> None:
        (self.root / "sops-recipients.yaml").write_text(yaml.safe_dump(environments))
        self.bootstrap("config")

    def encrypt(self, environment: str) -> Path:
        """As a person does, by a pipe: the plain text is never a file."""
        file = self.root / "secrets" / environment / "registry.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"name": f"registry-{environment}", "namespace": "default"}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": VALUE}}
        relative = str(file.relative_to(self.root))
        done = self.sops("encrypt", "--filename-override", relative, "/dev/stdin", stdin=yaml.safe_dump(secret))
        assert done.returncode == 0, done.stderr
        file.write_text(done.stdout)
        return file

    def sops(self, *arguments: str, stdin: str = "", as_: str | None = None) -> subprocess.CompletedProcess[str]:
        return self._run([str(tools_dir() / "sops"), *arguments], stdin, as_)

    def bootstrap(
        self, *arguments: str, group: str = "sops", as_: str | None = None, fails: bool = False
    ) -> subprocess.CompletedProcess[str]:
        done = self._run([*BOOTSTRAP, group, *arguments], "", as_)
        assert (done.returncode != 0) == fails, done.stderr
        assert VALUE not in done.stdout + done.stderr
        return done

    def _run(self, command: list[str], stdin: str, as_: str | None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(REPOSITORY)}
        if as_ is not None:
            environment["SOPS_AGE_KEY_CMD"] = f"cat {self.identities / as_}"
        return subprocess.run(
            command, cwd=self.root, env=environment, input=stdin, capture_output=True, text=True, check=False
        )
