"""The Vault program: its configuration file and its daemon. Owns what is started, not what is set up in it."""

import json
from pathlib import Path

import httpx2

from bootstrap.localcloud.vault.api import anonymous
from bootstrap.localcloud.vault.machines import Machines
from bootstrap.paths import private_dir, require_free, write_private
from bootstrap.processes import Daemon, clean_environment

AUDIT_LOG = "audit.jsonl"
_ANSWERS = {200: "ready", 501: "not initialised", 503: "sealed"}


def daemon(directory: Path, port: int, program: Path, machines: Machines) -> Daemon:
    """Vault with TLS on loopback and its data in files, so that a restart keeps them. It starts sealed."""

    address = f"https://127.0.0.1:{port}"

    def prepare() -> None:
        require_free(port, "local Vault")
        private_dir(directory / "data")
        write_private(directory / "vault.json", json.dumps(_configuration(directory, port, machines), indent=1))

    return Daemon(
        name="local-vault",
        directory=directory,
        arguments=[str(program), "server", f"-config={directory / 'vault.json'}"],
        # It would look for a token of the developer's in the home folder.
        environment={**clean_environment(), "HOME": str(directory)},
        healthy=lambda: state(anonymous(address, machines.server_authority)) is not None,
        before_start=prepare,
    )


def state(http: httpx2.Client) -> str | None:
    """`ready`, `sealed`, `not initialised`, or None if it does not answer."""
    try:
        with http:
            return _ANSWERS.get(http.get("/v1/sys/health").status_code)
    except httpx2.HTTPError:
        return None


def _configuration(directory: Path, port: int, machines: Machines) -> dict[str, object]:
    listener = {
        "address": f"127.0.0.1:{port}",
        "tls_cert_file": str(machines.server.certificate),
        "tls_key_file": str(machines.server.key),
    }
    return {
        "storage": {"file": {"path": str(directory / "data")}},
        "listener": {"tcp": listener},
        "api_addr": f"https://127.0.0.1:{port}",
        "disable_mlock": True,  # locking memory would take a privilege
        "log_level": "warn",
    }
