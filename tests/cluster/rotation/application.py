"""An application in an environment: an ExternalSecret, a Deployment with its value in a variable, and its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from bootstrap.rotation.secrets.aws import AwsContainer
from bootstrap.rotation.secrets.container import Container, container_of
from bootstrap.rotation.secrets.vault import VaultContainer
from bootstrap.verification.environment import EnvironmentView
from components.kubernetes.restarts import RestartedBy, restart_annotations
from tests.local_stack import Running, eventually

NAMESPACE, SECRET, VARIABLE = "apps", "database", "DATABASE_PASSWORD"
EXTERNAL_SECRETS = f"/apis/external-secrets.io/v1/namespaces/{NAMESPACE}/externalsecrets"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
REPLICA_SETS = f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets"


@dataclass(frozen=True)
class Application:
    """What the tests ask of it."""

    running: Running
    view: EnvironmentView
    container: Container

    def manager_value(self) -> str:
        read = self.container.read()
        return read if isinstance(read, str) else read["value"]

    def value_in_cluster(self) -> str:
        return self.view.secret_data(NAMESPACE, SECRET)["password"].decode()

    def values_of_processes(self) -> list[str]:
        """What the running pods really have, as the kernel knows it."""
        found: list[str] = []
        for process in psutil.process_iter():
            try:
                variables = process.environ()
            except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            home = str(self.running.local.directory / "clusters" / self.view.references["clusterName"])
            if VARIABLE in variables and variables.get("HOME", "").startswith(home):
                found.append(variables[VARIABLE])
        return found

    def replica_sets(self) -> int:
        items = self.view.get(REPLICA_SETS)["items"]
        return sum(item["metadata"]["name"].startswith(f"{SECRET}-") for item in items)


@contextmanager
def application(running: Running, environment: str) -> Iterator[Application]:
    """Filled, synced and running; removed with the block. On AWS the container keeps its versions."""
    view = running.views[environment]
    made = Application(running, view, container_of(view, SECRET))
    _fill(made, f"first value of {environment}")
    http = view.kubernetes
    http.post(EXTERNAL_SECRETS, json=_external_secret(made)).raise_for_status()
    try:
        http.post(DEPLOYMENTS, json=_deployment()).raise_for_status()
        _is_running(made)
        yield made
    finally:
        http.request("DELETE", f"{DEPLOYMENTS}/{SECRET}", json={"propagationPolicy": "Foreground"})
        http.delete(f"{EXTERNAL_SECRETS}/{SECRET}")
        _is_gone(made)
        if isinstance(made.container, VaultContainer):
            _empty(view, made.container)


def _empty(view: Any, container: VaultContainer) -> None:
    """Other tests of the stack find the container as `up` made it: metadata without a version."""
    path = f"/v1/{container.mount}/metadata/{container.remote_key}"
    with view.vault.login() as deployer:
        kept = deployer.get(path).raise_for_status().json()["data"]["custom_metadata"]
        deployer.delete(path).raise_for_status()
        deployer.post(path, json={"custom_metadata": kept}).raise_for_status()


def _fill(made: Application, value: str) -> None:
    """The first value, as the writer puts it there: out of band."""
    container, version = made.container, made.container.current()
    if version is not None:
        container.write(value, version=container.next_version(version), replacing=version)
    elif isinstance(container, VaultContainer):
        with container.writer() as http:
            path = f"/v1/{container.mount}/data/{container.remote_key}"
            http.post(path, json={"data": {"username": "app", "value": value}}).raise_for_status()
    else:
        assert isinstance(container, AwsContainer)
        container.writes.put_secret_value(SecretId=container.remote_key, SecretString=value)


def _external_secret(made: Application) -> dict[str, Any]:
    reference = {"key": made.container.remote_key}
    if made.container.written_property is not None:
        reference["property"] = made.container.written_property
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": SECRET},
        "spec": {
            "refreshInterval": "1h0m0s",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": made.view.references["storeName"]},
            "target": {"name": SECRET},
            "data": [{"secretKey": "password", "remoteRef": reference}],
        },
    }


def _deployment() -> dict[str, Any]:
    source = {"secretKeyRef": {"name": SECRET, "key": "password"}}
    container = {
        "name": "main",
        "image": "registry.k8s.io/pause:3.10",
        "env": [{"name": VARIABLE, "valueFrom": source}],
    }
    annotations = restart_annotations([SECRET], by=RestartedBy.ROTATE)
    return {
        "metadata": {"name": SECRET, "annotations": dict(annotations)},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": SECRET}},
            "template": {
                "metadata": {"labels": {"app": SECRET}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]},
            },
        },
    }


@eventually(40)
def _is_running(made: Application) -> None:
    status = made.view.get(f"{DEPLOYMENTS}/{SECRET}")["status"]
    assert status.get("availableReplicas") == 1
    assert made.values_of_processes() == [made.manager_value()]


@eventually(20)
def _is_gone(made: Application) -> None:
    assert made.values_of_processes() == []
    assert made.view.kubernetes.get(f"{EXTERNAL_SECRETS}/{SECRET}").status_code == 404
