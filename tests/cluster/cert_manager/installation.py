"""cert-manager in a cluster of a running stack: its chart's definitions and roles, and its controllers as a process.

The chart's pods are not started: the local nodes know no image of cert-manager. The process gets what its pod would
get: a token of its service account, and no credential of a cloud.
"""

import base64
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import yaml

from bootstrap.localcloud.kubernetes import kubeconfigs
from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.tools import KUBERNETES_VERSION
from bootstrap.verification.aws import AwsView
from tests.cluster.cert_manager.acme_server import AcmeServer, started
from tests.local_stack import eventually

NAMESPACE = "cert-manager"
_COLLECTIONS = {
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings",
    "ServiceAccount": "/api/v1/namespaces/{namespace}/serviceaccounts",
}
_VALUES = (
    "crds.enabled=true",
    "startupapicheck.enabled=false",
    "cainjector.enabled=false",
    f"global.leaderElection.namespace={NAMESPACE}",
)


@dataclass(frozen=True)
class Installation:
    """A running cert-manager. log: what its controllers say."""

    view: AwsView
    log: Path

    @property
    def kubernetes(self) -> httpx2.Client:
        return self.view.kubernetes

    def namespace(self, name: str) -> None:
        self.kubernetes.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()


def chart_objects() -> list[dict[str, Any]]:
    """What the published chart makes, without pods and webhooks."""
    command = [str(tools_dir() / "helm"), "template", NAMESPACE, str(tools_dir() / "cert-manager-chart")]
    for value in _VALUES:
        command += ["--set", value]
    command += ["--namespace", NAMESPACE, "--kube-version", KUBERNETES_VERSION]
    rendered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [
        one
        for one in yaml.safe_load_all(rendered)
        if one and one["kind"] in _COLLECTIONS and "webhook" not in one["metadata"]["name"]
    ]


@contextmanager
def installed(view: AwsView, acme: AcmeServer, directory: Path, **environment: str) -> Iterator[Installation]:
    """cert-manager in the view's cluster until the block ends; nothing of it stays."""
    directory.mkdir()
    kubernetes, objects = view.kubernetes, chart_objects()
    kubernetes.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}}).raise_for_status()
    for one in objects:
        kubernetes.patch(
            _path(one),
            params={"fieldManager": "test"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            json=one,
        ).raise_for_status()
    token = directory / "token"
    token.write_text(view.service_account_token(namespace=NAMESPACE, name=NAMESPACE))
    token.chmod(0o600)
    config = yaml.safe_load(Path(view.references["kubeconfigPath"]).read_text())["clusters"][0]["cluster"]
    authority = directory / "ca.pem"
    authority.write_bytes(base64.b64decode(config["certificate-authority-data"]))
    kubeconfig = kubeconfigs.write_with_token(
        directory / "kubeconfig", server=config["server"], authority=authority, user=NAMESPACE, token=token
    )
    command = [
        *("cert-manager", "--kubeconfig", str(kubeconfig), "--cluster-resource-namespace", NAMESPACE),
        *("--dns01-recursive-nameservers", acme.nameserver, "--acme-http01-solver-image", "localhost/acmesolver:v0"),
    ]
    cloud = {"AWS_ENDPOINT_URL": view.aws_endpoint, "AWS_EC2_METADATA_DISABLED": "true", **environment}
    try:
        with started(command, directory / "cert-manager.log", **cloud):
            yield Installation(view, directory / "cert-manager.log")
            eventually(60)(lambda: _require_no_challenges(kubernetes))()
    finally:
        _remove(kubernetes, objects)


def _require_no_challenges(kubernetes: httpx2.Client) -> None:
    """Challenges have a finalizer that only cert-manager takes away."""
    assert kubernetes.get("/apis/acme.cert-manager.io/v1/challenges").raise_for_status().json()["items"] == []


def _remove(kubernetes: httpx2.Client, objects: Sequence[dict[str, Any]]) -> None:
    for one in reversed(objects):
        kubernetes.delete(_path(one))
    kubernetes.delete(f"/api/v1/namespaces/{NAMESPACE}")


def _path(one: dict[str, Any]) -> str:
    metadata = one["metadata"]
    return f"{_COLLECTIONS[one['kind']].format(namespace=metadata.get('namespace', NAMESPACE))}/{metadata['name']}"
