"""Certificates around the local Vault: its own for TLS, and those of machines, which stand in for a cloud's identity.

On a cloud, a machine proves who it is by what the cloud gives it (instance metadata). Here an authority of the harness
issues certificates to the deployer's machine and to each cluster's node, and Vault trusts it for logins.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from bootstrap.localcloud.certificates import Authority, Client, Pair
from bootstrap.paths import private_dir, write_private

DEPLOYER, WRITER = "deployer", "writer"
NODE_FOLDER = "/etc/vault-node"
"""Where a node has its certificate on its own disk: `machine.crt`, `machine.key`, and Vault's authority."""


@dataclass(frozen=True)
class Machines:
    """The files of the folder `pki`."""

    directory: Path

    @classmethod
    def ensure(cls, directory: Path) -> "Machines":
        """Make everything, or find it made. The folder appears in one step: a killed run leaves no half of it."""
        if not directory.exists():
            draft = private_dir(directory.with_name(f".{directory.name}.draft"))
            shutil.rmtree(draft)
            cls(private_dir(draft))._make()
            draft.rename(directory)
        return cls(directory)

    @property
    def server_authority(self) -> Path:
        return self.directory / "vault-ca.crt"

    @property
    def server(self) -> Pair:
        """Vault's own; its authority's private key is never written."""
        return self._pair("vault")

    @property
    def authority(self) -> Pair:
        """Of the machines. Its key is kept: nodes come later."""
        return self._pair("machine-ca")

    @property
    def deployer(self) -> Pair:
        return self._pair(DEPLOYER)

    @property
    def writer(self) -> Pair:
        """Of the machine from which values are written; it is made when it is first asked for."""
        pair = self._pair(WRITER)
        if not pair.certificate.exists():  # it is written after its key
            Authority.load(self.authority).issue_client(pair, Client(WRITER))
        return pair

    def equip(self, node: str, folder: Path) -> None:
        """Give a node its certificate, and what it needs to know Vault by. One that has them keeps them."""
        private_dir(folder)
        pair = Pair(folder / "machine.crt", folder / "machine.key")
        if not pair.certificate.exists():  # it is written after its key
            Authority.load(self.authority).issue_client(pair, Client(node))
        write_private(folder / "vault-ca.crt", self.server_authority.read_text())

    def _make(self) -> None:
        server = Authority.create("vault")
        server.issue_server(self.server, "vault")
        write_private(self.server_authority, server.pem)
        machines = Authority.create("machines")
        machines.save(self.authority)
        machines.issue_client(self.deployer, Client(DEPLOYER))

    def _pair(self, name: str) -> Pair:
        return Pair(self.directory / f"{name}.crt", self.directory / f"{name}.key")
