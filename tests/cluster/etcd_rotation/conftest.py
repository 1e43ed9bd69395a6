"""A control plane whose etcd is encrypted by keys of a real Vault, with the library's own policy and static pods."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from rich.console import Console

from bootstrap.kubernetes_api import connect
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.localcloud.vault.api import call
from bootstrap.localcloud.vault.client import LocalVault
from bootstrap.rotation.etcd.rotation import Rotation
from bootstrap.rotation.etcd.targets import of_control_plane
from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.tools import COMMON, VAULT
from components.kubernetes.encryption.configuration import KmsProvider, encryption_configuration
from components.kubernetes.encryption.vault import vault_kms_plugin
from components.vault.policies import node_policy, to_json
from tests.local_stack import free_port_base

MOUNT, MACHINES, ROLE = "platform/prod/transit", "machines", "platform-prod-node"
KEYS = ("etcd", "etcd-next")
FIRST = KmsProvider(name="vault-kms-1")
SECOND = KmsProvider(name="vault-kms-2", socket="/var/run/kmsplugin/second.sock")


@dataclass(frozen=True)
class Deployer:
    """Who makes keys and roles in Vault."""

    http: httpx2.Client

    def rotate(self, key: str) -> None:
        call(self.http, "POST", f"{MOUNT}/keys/{key}/rotate")


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def port_base() -> int:
    return free_port_base()


@pytest.fixture(scope="session")
def vault(state: Path, port_base: int) -> Iterator[LocalVault]:
    local = LocalVault(state / "vault", port_base)
    local.start()
    yield local
    local.stop()


@pytest.fixture(scope="session")
def deployer(vault: LocalVault) -> Deployer:
    """Makes what VaultEnvironmentKeys and VaultNodeEncryption would make; one role may use both keys, in turn."""
    http = vault.login()
    call(http, "POST", f"sys/mounts/{MOUNT}", {"type": "transit"})
    paths = {}
    for key in KEYS:
        call(http, "POST", f"{MOUNT}/keys/{key}", {"type": "aes256-gcm96"})
        paths |= node_policy(f"{MOUNT}/keys/{key}")["path"]
    call(http, "PUT", f"sys/policies/acl/{ROLE}", {"policy": to_json({"path": paths})})
    role = {
        "certificate": vault.machines.authority.certificate.read_text(),
        "allowed_common_names": ["prod-node"],
        "token_policies": [ROLE],
        "token_no_default_policy": True,
        "token_ttl": 3600,
    }
    call(http, "POST", f"auth/{MACHINES}/certs/{ROLE}", role)
    return Deployer(http)


def plugin(vault: LocalVault, provider: KmsProvider, key: str, *, port: int) -> str:
    return vault_kms_plugin(
        image="localhost/vault-kubernetes-kms:v1.4.0",
        address=vault.address,
        transit_mount=MOUNT,
        transit_key=key,
        cert_mount=MACHINES,
        cert_role=ROLE,
        name=provider.name,
        socket=provider.socket,
        port=port,
    )


@pytest.fixture(scope="session")
def plane(state: Path, vault: LocalVault, deployer: Deployer, port_base: int) -> Iterator[ControlPlane]:
    made = ControlPlane.create(
        state,
        "prod",
        cloud=vault,
        tools=tools_dir([*COMMON, VAULT]),
        port_base=port_base + 20,
        region=None,
        node_role_arn=None,
        encryption_configuration=encryption_configuration(FIRST),
        kms_plugin=plugin(vault, FIRST, KEYS[0], port=8084),
    )
    yield made
    made.delete()


@pytest.fixture(scope="session")
def api(plane: ControlPlane) -> Iterator[httpx2.Client]:
    with connect(str(plane.kubeconfig)) as http:
        yield http


@pytest.fixture
def rotation(plane: ControlPlane) -> Rotation:
    return of_control_plane(plane, Console(quiet=True))


def make_secret(api: httpx2.Client, name: str, value: str) -> None:
    body = {"metadata": {"name": name}, "stringData": {"value": value}}
    api.post("/api/v1/namespaces/default/secrets", content=json.dumps(body)).raise_for_status()
