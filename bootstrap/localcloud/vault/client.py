"""The local Vault as the rest of the bootstrap sees it: start it, stop it, be somebody in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx2

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.certificates import Pair
from bootstrap.localcloud.cloud import Cluster
from bootstrap.localcloud.kubernetes.record import ClusterRecord
from bootstrap.localcloud.vault import api, first_start, server
from bootstrap.localcloud.vault.first_start import Seal
from bootstrap.localcloud.vault.machines import DEPLOYER, NODE_FOLDER, Machines
from bootstrap.processes import Daemon
from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.tools import COMMON, VAULT, Module


@dataclass(frozen=True)
class LocalVault:
    """One Vault: `directory` holds all its state, `port` is on 127.0.0.1."""

    kind: ClassVar[str] = "vault"
    title: ClassVar[str] = "local Vault"
    modules: ClassVar[Sequence[Module]] = (VAULT,)

    directory: Path
    port: int

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def machines(self) -> Machines:
        """The certificates. Raises BootstrapError if the local Vault was never started."""
        if not (self.directory / "pki").exists():
            raise BootstrapError(
                f"the local Vault in {self.directory}",
                "it was never started, so it has no deployer",
                "run `make up STACK=local-vault`",
            )
        return Machines(self.directory / "pki")

    def start(self) -> bool:
        """Leave it running, unsealed and set up. Returns whether anything had to be done."""
        Machines.ensure(self.directory / "pki")
        started = self._daemon.ensure()
        with self.anonymous() as http:
            state = server.state(self.anonymous())
            if state == "not initialised":
                first_start.initialise(http, self._seal)
            if state != "ready":
                first_start.unseal(http, self._seal)
            first_start.set_up(http, self._seal, self.directory, self.machines)
        return started or state != "ready"

    def stop(self) -> None:
        """End it; nothing is lost."""
        self._daemon.stop()

    def health(self) -> bool:
        """Whether this very Vault answers, is unsealed, and has no root token any more."""
        if not (self._seal.file.exists() and server.state(self.anonymous()) == "ready"):
            return False
        return self._seal.root_token is None

    def deployer_environment(self) -> dict[str, str]:
        """The variables with which Vault's own clients are the deployer's machine; the secret is in a file already."""
        machines = self.machines
        return {
            "VAULT_ADDR": self.address,
            "VAULT_CACERT": str(machines.server_authority),
            "VAULT_CLIENT_CERT": str(machines.deployer.certificate),
            "VAULT_CLIENT_KEY": str(machines.deployer.key),
            "SECRETS_BOOTSTRAP_MACHINE_CA": str(machines.authority.certificate),
        }

    def deployer_profile(self) -> dict[str, str]:
        return self.deployer_environment()

    def own_secrets(self) -> list[str]:
        machines = self.machines
        keys = (machines.deployer.key, machines.writer.key, machines.authority.key, machines.server.key)
        return [self._seal.unseal_key, *(key.read_text() for key in keys)]

    def register(self, cluster: Cluster) -> None:
        """Give the cluster's node its machine certificate."""
        self.machines.equip(cluster.node_name, cluster.host_path(NODE_FOLDER))

    def deregister(self, name: str) -> None:
        """Its node's certificate goes with the cluster's folder; who trusts it is the environment's own role."""

    def node_environment(self, cluster: str) -> dict[str, str]:  # noqa: ARG002  (nodes find nothing on their network)
        return {}

    def login(self) -> httpx2.Client:
        """The API as the deployer's machine."""
        return api.login(self.address, self.machines.server_authority, self.machines.deployer, DEPLOYER)

    def login_as_writer(self, role: str) -> httpx2.Client:
        """The API as the machine that writes values, in the role of one environment."""
        return api.login(self.address, self.machines.server_authority, self.machines.writer, role)

    def login_as_node(self, cluster: str) -> httpx2.Client:
        """The API as the node of a cluster, in the one role that its environment has for it."""
        return api.login(self.address, self.machines.server_authority, self.node_certificate(cluster))

    def node_certificate(self, cluster: str) -> Pair:
        """What the node of a cluster was given."""
        directory = self.directory.parent / "clusters" / cluster
        folder = ClusterRecord.load(directory).layout(directory).host_path(NODE_FOLDER)
        return Pair(folder / "machine.crt", folder / "machine.key")

    def anonymous(self) -> httpx2.Client:
        """The API as nobody."""
        return api.anonymous(self.address, self.machines.server_authority)

    def audit(self) -> list[dict[str, Any]]:
        """The audit log, oldest entry first."""
        return [json.loads(line) for line in (self.directory / server.AUDIT_LOG).read_text().splitlines()]

    @property
    def _seal(self) -> Seal:
        return Seal(self.directory / "seal.json")

    @property
    def _daemon(self) -> Daemon:
        program = tools_dir([*COMMON, *self.modules]) / "vault"
        return server.daemon(self.directory, self.port, program, self.machines)
