"""The real Pulumi engine on one stack: file state backend, passphrase secrets provider, offline or official plugins."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bootstrap.errors import BootstrapError
from bootstrap.paths import REPOSITORY, broken_record, private_dir, write_private
from bootstrap.processes import clean_environment
from bootstrap.providers.wrappers import write_plugin_wrappers
from bootstrap.toolchain.install import CHART

# How the engine shows its progress. Nothing else of the caller's reaches it: a session token, another passphrase or a
# proxy of the caller's would make a run fail, or send it elsewhere.
_OF_THE_TERMINAL = ("TERM", "COLORTERM", "COLUMNS", "NO_COLOR", "USER")


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One stack of the root program. Nothing it writes lands in the checkout, not even the stack's encryption salt."""

    stack: str
    directory: Path
    tools: Path
    cloud_environment: Mapping[str, str]
    program: Path = REPOSITORY

    @property
    def _config_file(self) -> Path:
        return self.directory / "project" / f"Pulumi.{self.stack}.yaml"

    def environment(self) -> dict[str, str]:
        """What `pulumi` runs with. The passphrase is in a file that only its owner reads, never in a variable."""
        return {
            **clean_environment(**{name: os.environ[name] for name in _OF_THE_TERMINAL if name in os.environ}),
            **self.cloud_environment,
            # The language host that is built from source knows no `virtualenv` option: it takes `python3` from PATH.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(self.tools), os.environ["PATH"]]),
            "PULUMI_STACK": self.stack,
            "PULUMI_HOME": str(self.directory / "pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{self.directory / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.directory / "passphrase"),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "false",
            "SECRETS_BOOTSTRAP_STATE_DIR": str(self.directory),
            "SECRETS_BOOTSTRAP_TOOLS": str(self.tools),
            "SECRETS_BOOTSTRAP_ESO_CHART": str(self.tools / CHART),
        }

    def prepare(self) -> None:
        """Create the backend, the passphrase and the stack, once; take the committed configuration anew each time."""
        private_dir(self.directory)
        private_dir(self.directory / "backend")
        home = private_dir(self.directory / "pulumi-home")
        passphrase = self.directory / "passphrase"
        if not passphrase.exists():
            write_private(passphrase, secrets.token_urlsafe(32))
        write_plugin_wrappers(self.directory / "plugins", home)
        self._write_config()
        if not self._checkpoint.exists():
            # `stack init` writes the salt beside Pulumi.yaml, so it runs in a project folder of its own.
            self.run("stack", "init", self.stack, "--no-select", directory=self._config_file.parent)

    def _write_config(self) -> None:
        project = private_dir(self._config_file.parent)
        shutil.copyfile(self.program / "Pulumi.yaml", project / "Pulumi.yaml")
        definition = yaml.safe_load((project / "Pulumi.yaml").read_text())
        committed = self.program / definition.pop("stackConfigDir", ".") / self._config_file.name
        definition.pop("main", None)
        (project / "Pulumi.yaml").write_text(yaml.safe_dump(definition))
        kept = yaml.safe_load(self._config_file.read_text()) if self._config_file.exists() else {}
        settings = yaml.safe_load(committed.read_text())
        if "encryptionsalt" in kept:
            settings["encryptionsalt"] = kept["encryptionsalt"]
        write_private(self._config_file, yaml.safe_dump(settings))

    @property
    def _checkpoint(self) -> Path:
        """The backend's file of the stack. Only what costs a start of `pulumi` otherwise is read from it."""
        project = yaml.safe_load((self.program / "Pulumi.yaml").read_text())["name"]
        return self.directory / "backend" / ".pulumi" / "stacks" / project / f"{self.stack}.json"

    def run(self, *arguments: str, directory: Path | None = None) -> str:
        """Run `pulumi` and return what it printed; a failure carries its last lines."""
        done = subprocess.run(
            [str(self.tools / "pulumi"), *arguments, "--non-interactive", "--color=never"],
            cwd=directory or self.program,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BootstrapError(
                f"pulumi {arguments[0]}",
                (done.stderr + done.stdout).strip()[-3000:],
                "mend what it names and run the command again; `python -m bootstrap recover` clears a broken run",
            )
        return done.stdout

    def operate(self, operation: str, *arguments: str, capture: bool = False) -> str:
        """`up`, `preview`, `refresh` or `destroy` of the program, with this stack's own configuration file."""
        flags = [operation, "--config-file", str(self._config_file), "--suppress-outputs", *arguments]
        if capture:
            return self.run(*flags)
        process = subprocess.Popen(
            [str(self.tools / "pulumi"), *flags],
            cwd=self.program,
            env=self.environment(),
            stdout=sys.stderr,  # standard output is for results
        )
        if _wait_in_spite_of_interrupts(process) != 0:
            raise BootstrapError(
                f"pulumi {operation}",
                "the engine says above what failed, or that it was interrupted",
                "mend what it names and run the command again: what exists is kept and nothing is created twice",
            )
        return ""

    def transcript(self, operation: str, *arguments: str, **variables: str) -> bytes:
        """All that an operation prints, its log too. `variables` and hidden flags switch on what shows how it works."""
        flags = ["--config-file", str(self._config_file), "--logtostderr", "--non-interactive", "--color=never"]
        done = subprocess.run(
            [str(self.tools / "pulumi"), operation, *flags, *arguments],
            cwd=self.program,
            env={**self.environment(), "PULUMI_DEBUG_COMMANDS": "true", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:  # what it printed may hold values
            raise BootstrapError(
                f"pulumi {operation}",
                "it failed, or would change something",
                f"run `make up STACK={self.stack}` first: a search changes nothing",
            )
        return done.stdout

    def up(self, *arguments: str, capture: bool = False) -> str:
        """Bring the stack up."""
        return self.operate("up", "--yes", "--skip-preview", *arguments, capture=capture)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs: references, never values."""
        return json.loads(self.run("stack", "output", "--json"))

    def export(self) -> dict[str, Any]:
        """The state as the backend holds it: secrets stay encrypted."""
        return json.loads(self.run("stack", "export"))

    def import_state(self, state: Mapping[str, Any]) -> None:
        file = write_private(self.directory / "import.json", json.dumps(state))
        try:
            self.run("stack", "import", "--force", "--file", str(file))
        finally:
            file.unlink()

    def drop_torn_attributes(self) -> None:
        """Remove files of the backend that a kill cut short, and that make `pulumi` fail with `EOF` ever after.

        The backend replaces a checkpoint in one step, but writes the attributes beside it (`*.attrs`) in place. It can
        do without them.
        """
        for file in (self.directory / "backend").rglob("*.attrs"):
            try:
                json.loads(file.read_text())
            except ValueError:
                file.unlink()

    def is_locked(self) -> bool:
        """Whether a run holds the stack's lock, alive or killed."""
        return any(Path(self.directory, "backend", ".pulumi", "locks").rglob("*.json"))

    def has_pending_operations(self) -> bool:
        """Whether a killed run left "creating X" in the state without "created X"."""
        try:
            latest = json.loads(self._checkpoint.read_text())["checkpoint"].get("latest") or {}
            return bool(latest.get("pending_operations"))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise broken_record(self._checkpoint) from None


def _wait_in_spite_of_interrupts(process: "subprocess.Popen[bytes]") -> int:
    """The exit code. Ctrl-C reaches the engine too, which then records what it has begun before it ends."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
