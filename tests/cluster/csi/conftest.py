"""Two teams' classes beside the stack `local-vault`, by the real engine, and what the driver's publisher installs.

The driver is real, and so are the API server, the tokens, Vault and its JWT auth. The kubelet and Vault's provider are
played: `kubelet.py`, `vault_provider.py`.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from bootstrap.engine import Engine
from bootstrap.toolchain.csi_driver import FILES
from bootstrap.toolchain.folders import tools_dir
from bootstrap.verification.vault import VaultView
from tests.api_objects import applied
from tests.cluster.csi.driver import running_driver
from tests.cluster.csi.kubelet import Kubelet
from tests.local_stack import Running
from tests.output import follow
from tests.own_program import own_program

POLL_SECONDS = 2
CONTAINERS = {"payments": "payments/api", "search": "search/index"}
CLASSES = "/apis/secrets-store.csi.x-k8s.io/v1/namespaces/{}/secretproviderclasses"
_PUBLISHED = (
    "secrets-store.csi.x-k8s.io_secretproviderclasses.yaml",
    "secrets-store.csi.x-k8s.io_secretproviderclasspodstatuses.yaml",
    "csidriver.yaml",
    "rbac-secretproviderclass.yaml",
)
_PROGRAM = """
import os
import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_vault as vault
from pathlib import Path
from components import *
from components.vault.secret_store import store_ref

GIVEN = {given}
inside = kubernetes.Provider("cluster", kubeconfig=Path(GIVEN["kubeconfig"]).read_text())
in_cluster = pulumi.ResourceOptions(provider=inside)
deployer = vault.ProviderAuthLoginCertArgs(
    mount="machines",
    name="deployer",
    cert_file=os.environ["VAULT_CLIENT_CERT"],
    key_file=os.environ["VAULT_CLIENT_KEY"],
)
manager = vault.Provider("vault", address=GIVEN["address"], ca_cert_file=GIVEN["authority"], auth_login_cert=deployer)
in_vault = pulumi.ResourceOptions(providers=[manager])
names = VaultNames(prefix="files", environment="nonprod", address=GIVEN["address"])
store = store_ref(names, GIVEN["mount"], Path(GIVEN["authority"]).read_text())
cluster = ClusterRef(name="nonprod", issuer_url=GIVEN["issuer"], provider=inside)


def files(name, team, identity, container, class_name="app"):
    return SecretProviderClass(
        name,
        SecretProviderClassArgs(
            namespace=team,
            class_name=class_name,
            store=store,
            identity=identity,
            files={{"value": names.secret_name(container)}},
            ca_certificate_path=GIVEN["authority"],
        ),
        in_cluster,
    )


volumes = {{}}
for team, container in GIVEN["containers"].items():
    account = ServiceAccountRef(namespace=team, name="app")
    kubernetes.core.v1.ServiceAccount(team, metadata={{"namespace": team, "name": "app"}}, opts=in_cluster)
    identity = VaultTeamIdentity(
        f"{{team}}-identity",
        VaultTeamIdentityArgs(
            names=names,
            cluster=cluster,
            scope=SecretScope(name=f"team-{{team}}", prefixes=[f"{{team}}/"], service_accounts=[account]),
            mount=GIVEN["mount"],
            auth_mount=GIVEN["auth"],
            audience=GIVEN["audience"],
            kind=IdentityKind.VAULT_JWT,
        ),
        in_vault,
    ).identities[team]
    volumes["app"] = files(f"{{team}}-files", team, identity, container).volume
    if team == "payments":
        volumes["foreign"] = files("foreign-files", team, identity, GIVEN["containers"]["search"], "foreign").volume
pulumi.export("volumes", volumes)
"""


@dataclass(frozen=True)
class Files:
    """What stands after `pulumi up`, and a driver that looks again after POLL_SECONDS."""

    view: VaultView
    kubelet: Kubelet
    engine: Engine

    def fill(self, container: str) -> str:
        """A new random value in a container, by the writer; returns it."""
        value = follow(f"value of {container}", secrets.token_urlsafe(24))
        with self.view.vault.login_as_writer(self.view.references["writersPolicy"]) as writer:
            body = {"data": {"value": value}}
            writer.post(f"/v1/{self.view.address_of(container)}", json=body).raise_for_status()
        return value


@pytest.fixture(scope="package")
def engine(running_vault: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The program, up from nothing; nothing of it stays."""
    folder, view = tmp_path_factory.mktemp("csi-program"), running_vault.nonprod
    assert isinstance(view, VaultView)
    (audience,) = view.audiences
    given: Mapping[str, Any] = {
        "kubeconfig": str(view.references["kubeconfigPath"]),
        "issuer": view.references["issuerUrl"],
        "address": view.vault.address,
        "authority": str(view.vault.machines.server_authority),
        "mount": view.references["secretsMount"],
        "auth": view.references["identityRole"].partition("/role/")[0],
        "audience": audience,
        "containers": CONTAINERS,
    }
    made = own_program(
        folder,
        "files",
        text=_PROGRAM.format(given=repr(json.loads(json.dumps(given)))),
        environment=running_vault.local.engine.cloud_environment,
    )
    with applied(view.kubernetes, list(_published(audience))), made.undone():
        made.up(capture=True)
        yield made


def _published(audience: str) -> Iterator[dict[str, Any]]:
    """What the driver's publisher installs beside its pods, and the one setting that is left to whoever installs it."""
    for file in _PUBLISHED:
        for one in yaml.safe_load_all((tools_dir() / FILES / file).read_text()):
            if one["kind"] == "CSIDriver":
                one["spec"]["tokenRequests"] = [{"audience": audience}]
            yield one


@pytest.fixture(scope="package")
def files(engine: Engine, running_vault: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    view, volumes = running_vault.nonprod, engine.outputs()["volumes"]
    assert isinstance(view, VaultView)
    # What a team can write into its own namespace by hand: the other team's class, word by word.
    stolen = view.get(f"{CLASSES.format('payments')}/app")["spec"]
    body = {
        "apiVersion": "secrets-store.csi.x-k8s.io/v1",
        "kind": "SecretProviderClass",
        "metadata": {"name": "stolen"},
        "spec": stolen,
    }
    view.kubernetes.post(CLASSES.format("search"), json=body).raise_for_status()
    volumes["stolen"] = {**volumes["app"], "volumeAttributes": {"secretProviderClass": "stolen"}}
    directory = tmp_path_factory.getbasetemp() / "csi-node"
    rotation = ("--enable-secret-rotation", "--rotation-poll-interval", f"{POLL_SECONDS}s")
    with running_driver(view, directory, *rotation) as driver:
        yield Files(view, Kubelet(view, driver, volumes.__getitem__), engine)
