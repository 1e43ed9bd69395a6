"""A real Vault in memory, unsealed, with TLS by an authority of its own."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
import requests

from bootstrap.toolchain.folders import tools_dir

ROOT_TOKEN = "root-of-the-test"


@dataclass(frozen=True)
class Vault:
    """A running server: its address, its authority's certificate, and clients for it."""

    address: str
    authority: Path
    folder: Path

    @cached_property
    def root(self) -> hvac.Client:
        return self.client(ROOT_TOKEN)

    def client(self, token: str) -> hvac.Client:
        session = requests.Session()
        session.trust_env, session.verify = False, str(self.authority)
        return hvac.Client(url=self.address, token=token, session=session)

    def token_of(self, *policies: str) -> hvac.Client:
        """Who holds these policies and nothing else."""
        made: Any = self.root.auth.token.create(policies=list(policies), no_default_policy=True, ttl="10m")
        return self.client(made["auth"]["client_token"])


@contextmanager
def started(folder: Path) -> Iterator[Vault]:
    """Start a server; it ends with the block."""
    binary = str(tools_dir() / "vault")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        binary,
        "server",
        "-dev-tls",
        f"-dev-tls-cert-dir={folder}",
        f"-dev-listen-address=127.0.0.1:{port}",
        f"-dev-root-token-id={ROOT_TOKEN}",
        "-dev-no-store-token",
    ]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        vault = Vault(f"https://127.0.0.1:{port}", folder / "vault-ca.pem", folder)
        _wait(vault, process)
        yield vault
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(vault: Vault, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if vault.authority.is_file() and vault.root.sys.is_initialized() and not vault.root.sys.is_sealed():
                return
        except (requests.ConnectionError, hvac.exceptions.VaultError):
            pass
        time.sleep(0.1)
    raise RuntimeError((vault.folder / "server.log").read_text())
