"""Clusters with the controller of Sealed Secrets, put there by the real engine and run by the node as a pod."""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import yaml

from bootstrap.kubernetes_api import connect
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.paths import write_private
from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.sealed_secrets import CHART
from tests.cluster.control_plane.helpers import process_of
from tests.local_stack import eventually
from tests.own_program import OwnProgram, own_program

HOME = "sealed-secrets"
SERVICE = f"/api/v1/namespaces/{HOME}/services/http:sealed-secrets:http/proxy"
SEALED = "/apis/bitnami.com/v1alpha1"
PROGRAM = """
import pulumi
import pulumi_kubernetes as kubernetes
from pathlib import Path
from components import *

cluster = pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", kubeconfig=Path({kubeconfig!r}).read_text()))


def sealed(name, namespaces, **more):
    made = {{one: kubernetes.core.v1.Namespace(one, metadata={{"name": one}}, opts=cluster) for one in namespaces}}
    return SealedSecrets(
        name,
        SealedSecretsArgs(
            namespaces=made,
            chart=ChartSource(chart={chart!r}, repository=None, version=None),
            deletion_profile=DeletionProfile.EPHEMERAL,
            timeout_seconds=120,
            **more,
        ),
        cluster,
    )


"""
IN_SHOP = 'sealed("sealed", ["shop", "blog"])\n'
_STORE = """
operator = ExternalSecretsOperator(
    "operator",
    ExternalSecretsOperatorArgs(
        identity=IdentityRef(
            kind=IdentityKind.POD_IDENTITY,
            principal="none",
            service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
            backends=frozenset({{"fake"}}),
        ),
        namespaces={{"shop": None}},
        chart=ChartSource(chart={chart!r}, repository=None, version=None),
        webhook=False,
    ),
    cluster,
)
store = kubernetes.apiextensions.CustomResource(
    "store",
    api_version="external-secrets.io/v1",
    kind="ClusterSecretStore",
    metadata={{"name": "manager"}},
    spec={{"provider": {{"fake": {{"data": [{{"key": "database", "value": {value!r}}}]}}}}}},
    opts=pulumi.ResourceOptions(provider=cluster.provider, depends_on=operator.gates),
)
"""
EXTERNAL_SECRET = """
kubernetes.apiextensions.CustomResource(
    "database",
    api_version="external-secrets.io/v1",
    kind="ExternalSecret",
    metadata={
        "name": "database", "namespace": "shop", "annotations": {"pulumi.com/waitFor": "condition=Ready"},
    },
    spec={
        "refreshInterval": "1h0m0s",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "manager"},
        "target": {"name": "database"},
        "data": [{"secretKey": "password", "remoteRef": {"key": "database"}}],
    },
    opts=pulumi.ResourceOptions(provider=cluster.provider, depends_on=[store]),
)
"""


def external_secrets(value: str) -> str:
    """The part of a program that puts External Secrets there, with a store of its own `fake` provider."""
    return _STORE.format(chart=str(tools_dir() / "charts" / "external-secrets"), value=value)


@dataclass(frozen=True)
class SealingCluster:
    """One cluster, and the program that makes things in it."""

    plane: ControlPlane
    http: httpx2.Client
    engine: OwnProgram

    def write(self, text: str) -> None:
        """Make it the program, behind the head that they share."""
        head = PROGRAM.format(kubeconfig=str(self.plane.kubeconfig), chart=str(tools_dir() / CHART))
        self.engine.write(head + text)

    def up(self, text: str) -> None:
        self.write(text)
        self.engine.up(capture=True)

    def apply(self, sealed: dict[str, Any], *, name: str | None = None, namespace: str | None = None) -> None:
        """Create or replace a SealedSecret, perhaps under another name or in another namespace than it is made for."""
        metadata = {**sealed["metadata"]}
        metadata["name"], metadata["namespace"] = name or metadata["name"], namespace or metadata["namespace"]
        self.http.patch(
            f"{SEALED}/namespaces/{metadata['namespace']}/sealedsecrets/{metadata['name']}",
            params={"fieldManager": "test", "force": "true"},
            content=json.dumps({**sealed, "metadata": metadata}),
            headers={"Content-Type": "application/apply-patch+yaml"},
        ).raise_for_status()

    def value(self, namespace: str, name: str) -> str | None:
        """What is in the Secret, or None if there is none."""
        answer = self.http.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        if answer.status_code == 404:
            return None
        return base64.b64decode(answer.raise_for_status().json()["data"]["password"]).decode()

    def opens(self, namespace: str, name: str, value: str) -> None:
        @eventually(30)
        def look() -> None:
            assert self.value(namespace, name) == value

        look()

    def refuses(self, namespace: str, name: str) -> None:
        """The controller has looked at it, and could not open it."""

        @eventually(30)
        def look() -> None:
            answer = self.http.get(f"{SEALED}/namespaces/{namespace}/sealedsecrets/{name}").raise_for_status()
            (condition,) = answer.json().get("status", {}).get("conditions", [{}])
            assert condition.get("status") == "False", condition
            assert "no key could decrypt secret" in condition["message"]

        @eventually(90)  # the garbage collector looks for new kinds every 30 seconds
        def gone() -> None:
            assert self.value(namespace, name) is None

        look()
        gone()

    def may(self, verb: str, resource: str, namespace: str, name: str = "", group: str = "") -> bool:
        """What RBAC lets the controller do."""
        attributes = {"verb": verb, "resource": resource, "namespace": namespace, "name": name, "group": group}
        review = {"spec": {"user": f"system:serviceaccount:{HOME}:{HOME}", "resourceAttributes": attributes}}
        answer = self.http.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", json=review)
        return bool(answer.raise_for_status().json()["status"]["allowed"])

    def log(self) -> str:
        return "".join(file.read_text() for file in self.plane.directory.rglob("controller.log"))

    @contextmanager
    def with_pod_network(self) -> Iterator[Path]:
        """A kubeconfig for an API server that reaches pods, which none does on this machine: a relay asks the
        controller's own listener where the API server would proxy to it, and the API server for all else."""
        process = process_of(self.plane, "controller")
        assert process is not None
        flag = next(one for one in process.cmdline() if one.startswith("--listen-addr="))
        pod, api = httpx2.Client(base_url=f"http://{flag.partition('=')[2]}", trust_env=False), self.http

        class Relay(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                client, path = (pod, self.path.removeprefix(SERVICE)) if SERVICE in self.path else (api, self.path)
                headers = {name: self.headers[name] for name in ("Accept", "Content-Type") if self.headers[name]}
                answer = client.request(self.command, path, content=body, headers=headers)
                self.send_response(answer.status_code)
                for name in ("Content-Type", "Retry-After"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args: object) -> None:
                """Says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
        Thread(target=server.serve_forever, daemon=True).start()
        config = yaml.safe_load(self.plane.kubeconfig.read_text())
        config["clusters"][0]["cluster"] = {"server": f"http://127.0.0.1:{server.server_port}"}
        config["users"][0]["user"] = {}
        try:
            yield write_private(self.engine.directory / "relayed", yaml.safe_dump(config))
        finally:
            server.shutdown()
            pod.close()


@contextmanager
def sealing_cluster(plane: ControlPlane, folder: Path) -> Iterator[SealingCluster]:
    """A stack on a cluster; what it made is gone after the block."""
    engine = own_program(folder, "sealed")
    with engine.undone(), connect(str(plane.kubeconfig)) as http:
        yield SealingCluster(plane, http, engine)


def seal(
    certificate: Path, value: str, *, namespace: str = "shop", name: str = "database", scope: str = "strict"
) -> dict[str, Any]:
    """A SealedSecret by the real `kubeseal`, which needs no cluster for it."""
    metadata = {"name": name, "namespace": namespace}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": value}}
    command = [tools_dir() / "kubeseal", "--cert", certificate, "--scope", scope]
    done = subprocess.run(command, input=json.dumps(secret), capture_output=True, text=True, check=True)
    assert value not in done.stdout
    sealed = json.loads(done.stdout)
    assert list(sealed["spec"]["encryptedData"]) == ["password"]
    return sealed
