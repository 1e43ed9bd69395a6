"""cert-manager in a cluster of a running stack: its chart's definitions, and its controllers as a process.

The chart's pods are not started: the local nodes know no image of cert-manager, and the API server reaches no webhook.
The process gets what its pod would get: a token of its service account, and no credential of a cloud. Its rights are
those of CertManager, which the program in `conftest.py` makes.
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
from components.kubernetes.cert_manager.controller import CONTROLLERS
from tests.cluster.cert_manager.acme_server import AcmeServer, started
from tests.local_stack import eventually

NAMESPACE = "cert-manager"
_COLLECTIONS = {
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "ServiceAccount": f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts",
}


@dataclass(frozen=True)
class Installation:
    """A running cert-manager. log: what its controllers say."""

    view: AwsView
    log: Path


def chart_objects() -> list[dict[str, Any]]:
    """The definitions of the published chart, and the controller's service account."""
    command = [str(tools_dir() / "helm"), "template", NAMESPACE, str(tools_dir() / "cert-manager-chart")]
    command += ["--set", "crds.enabled=true", "--namespace", NAMESPACE, "--kube-version", KUBERNETES_VERSION]
    rendered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    objects = [one for one in yaml.safe_load_all(rendered) if one]
    return [
        one
        for one in objects
        if one["kind"] == "CustomResourceDefinition"
        or (one["kind"], one["metadata"]["name"]) == ("ServiceAccount", NAMESPACE)
    ]


@contextmanager
def installed(view: AwsView, acme: AcmeServer, directory: Path, **environment: str) -> Iterator[Installation]:
    """cert-manager in the view's cluster, where its namespace is, until the block ends; nothing of it stays."""
    directory.mkdir()
    kubernetes, objects = view.kubernetes, chart_objects()
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
        *("--controllers", ",".join(CONTROLLERS)),
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


def _path(one: dict[str, Any]) -> str:
    return f"{_COLLECTIONS[one['kind']]}/{one['metadata']['name']}"
