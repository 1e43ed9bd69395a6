"""The real certificate controller on a real API server: the permissions of `operator_rbac` are all that it needs."""

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from lightkube.config.client_adapter import Client, ConnectionParams
from lightkube.config.kubeconfig import KubeConfig
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from bootstrap.paths import write_private
from bootstrap.toolchain.folders import tools_dir
from tests.engine.providers.bare_cluster import bare_cluster
from tests.fast.components.mock_engine import Recording
from tests.fast.components.test_adoption import bootstrap

NAMESPACE = "external-secrets"
NAME = "external-secrets-webhook"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
HOOKS = ("secretstore-validate", "externalsecret-validate")
SLICE = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {"name": NAME, "labels": {"kubernetes.io/service-name": NAME}},
    "addressType": "IPv4",
    "endpoints": [{"addresses": ["192.0.2.1"], "conditions": {"ready": True}}],
    "ports": [{"port": 10250}],
}


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with bare_cluster(tmp_path_factory.mktemp("cluster")) as path:
        yield path


@pytest.fixture(scope="module")
def api(kubeconfig: Path) -> httpx2.Client:
    return Client(KubeConfig.from_file(str(kubeconfig)).get(), ConnectionParams())


def post(api: httpx2.Client, path: str, body: Any) -> Any:
    answer = api.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


def rendered(release: Any) -> list[Any]:
    chart = tools_dir() / "charts" / "external-secrets"
    command = [tools_dir() / "helm", "template", release["name"], chart, f"--namespace={NAMESPACE}", "--values=-"]
    text = subprocess.run(command, input=json.dumps(release["values"]), capture_output=True, text=True, check=True)
    return [one for one in yaml.load_all(text.stdout, yaml.CSafeLoader) if one]


@pytest.fixture(scope="module")
def flags(api: httpx2.Client) -> list[str]:
    """What the certificate controller is started with; all that it meets is in the cluster."""
    return install(api, bootstrap())


def install(api: httpx2.Client, recording: Recording) -> list[str]:
    post(api, "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    flags: list[str] = []
    places = {
        "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "ValidatingWebhookConfiguration": WEBHOOKS,
        "Secret": f"/api/v1/namespaces/{NAMESPACE}/secrets",
        "ServiceAccount": f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts",
    }
    for release in recording.of("kubernetes:helm.sh/v3:Release"):
        for one in rendered(release.inputs):
            if one["kind"] in places:
                post(api, places[one["kind"]], one)
            elif one["kind"] == "Deployment" and one["metadata"]["name"].endswith("-cert-controller"):
                flags = one["spec"]["template"]["spec"]["containers"][0]["args"]
    post(api, f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices", SLICE)
    for one in recording.resources.values():
        if "-operator-certificates" in one.name:
            kind = one.token.rpartition(":")[2].lower()
            place = RBAC if kind.startswith("cluster") else f"{RBAC}/namespaces/{NAMESPACE}"
            post(api, f"{place}/{kind}s", dict(one.inputs))
    return flags


def own_kubeconfig(api: httpx2.Client, kubeconfig: Path, file: Path) -> Path:
    """A kubeconfig with nothing but a token of the certificate controller's account."""
    account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/external-secrets-cert-controller"
    token = post(api, f"{account}/token", {"spec": {"expirationSeconds": 600}})["status"]["token"]
    config = json.loads(kubeconfig.read_text())
    config["users"] = [{"name": "test", "user": {"token": token}}]
    return write_private(file, json.dumps(config))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@retry(
    retry=retry_if_exception_type((AssertionError, httpx2.TransportError)),
    stop=stop_after_delay(60),
    wait=wait_fixed(0.2),
    reraise=True,
)
def wait_until_ready(port: int) -> None:
    assert httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200


@retry(retry=retry_if_exception_type(KeyError), stop=stop_after_delay(60), wait=wait_fixed(0.2), reraise=True)
def wait_until_trusted(api: httpx2.Client) -> None:
    """The controller is ready a moment before it has written to the last webhook."""
    for name in HOOKS:
        for hook in api.get(f"{WEBHOOKS}/{name}").json()["webhooks"]:
            assert hook["clientConfig"]["caBundle"]


def test_the_certificate_controller_gets_ready(
    api: httpx2.Client, flags: list[str], kubeconfig: Path, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "log"
    config = own_kubeconfig(api, kubeconfig, tmp_path / "kubeconfig")
    command = [tools_dir() / "external-secrets", *flags, f"--healthz-addr=127.0.0.1:{port}", "--metrics-addr=0"]
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env={"KUBECONFIG": str(config)}, stdout=sink, stderr=sink)
    try:
        wait_until_ready(port)
        wait_until_trusted(api)
    finally:
        process.kill()
        process.wait()
    assert "forbidden" not in log.read_text()
    authority = api.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/{NAME}").json()["data"]["ca.crt"]
    for name in HOOKS:
        hooks = api.get(f"{WEBHOOKS}/{name}").json()["webhooks"]
        assert {hook["clientConfig"]["caBundle"] for hook in hooks} == {authority}


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/namespaces/default/secrets/{NAME}",
        f"/api/v1/namespaces/{NAMESPACE}/secrets/another",
        f"/api/v1/namespaces/{NAMESPACE}/secrets",
        "/api/v1/secrets",
    ],
)
@pytest.mark.usefixtures("flags")
def test_it_reads_no_secret_but_its_own(api: httpx2.Client, kubeconfig: Path, tmp_path: Path, path: str) -> None:
    config = own_kubeconfig(api, kubeconfig, tmp_path / "kubeconfig")
    own = Client(KubeConfig.from_file(str(config)).get(), ConnectionParams())
    assert own.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/{NAME}").status_code == 200
    assert own.get(path).status_code == 403
