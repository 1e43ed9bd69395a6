"""cert-manager in a cluster of a running stack: its chart's definitions, and its controllers as a process.

The chart's pods are not started: the local nodes know no image of cert-manager, and the API server reaches no webhook.
The process gets what its pod would get: a token of its service account, and no credential of a cloud. Its rights are
those of CertManager, which the program in `conftest.py` makes.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import yaml

from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.tools import KUBERNETES_VERSION
from bootstrap.verification.aws import AwsView
from components.kubernetes.cert_manager.controller import CONTROLLERS
from tests.api_objects import applied
from tests.cluster.cert_manager.acme_server import AcmeServer, started
from tests.cluster.service_account import kubeconfig_of
from tests.local_stack import eventually

NAMESPACE = "cert-manager"


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
    with applied(view.kubernetes, chart_objects()):
        kubeconfig = kubeconfig_of(view, directory, namespace=NAMESPACE, name=NAMESPACE)
        command = [
            *("cert-manager", "--kubeconfig", str(kubeconfig), "--cluster-resource-namespace", NAMESPACE),
            *("--controllers", ",".join(CONTROLLERS)),
            *(
                "--dns01-recursive-nameservers",
                acme.nameserver,
                "--acme-http01-solver-image",
                "localhost/acmesolver:v0",
            ),
        ]
        cloud = {"AWS_ENDPOINT_URL": view.aws_endpoint, "AWS_EC2_METADATA_DISABLED": "true", **environment}
        with started(command, directory / "cert-manager.log", **cloud):
            yield Installation(view, directory / "cert-manager.log")
            eventually(60)(lambda: _require_no_challenges(view.kubernetes))()


def _require_no_challenges(kubernetes: httpx2.Client) -> None:
    """Challenges have a finalizer that only cert-manager takes away."""
    assert kubernetes.get("/apis/acme.cert-manager.io/v1/challenges").raise_for_status().json()["items"] == []
