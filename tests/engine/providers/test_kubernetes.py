"""The kubernetes provider, called as the engine calls it, on a real API server; Helm is the real one."""

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import yaml

from bootstrap.providers.kubernetes import cluster
from bootstrap.providers.kubernetes.cluster import Cluster
from bootstrap.providers.properties import Properties, Secret
from bootstrap.providers.registry import provider
from bootstrap.providers.resource import Call
from bootstrap.toolchain.folders import tools_dir
from tests.engine.providers.bare_cluster import bare_cluster
from tests.fast.providers.driver import CallFailedError, Driver

NAMESPACE = "kubernetes:core/v1:Namespace"
SECRET = "kubernetes:core/v1:Secret"
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
STORE = "kubernetes:offline.test/v1:Store"
RELEASE = "kubernetes:helm.sh/v3:Release"
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: stores.offline.test, labels: {size: {{ .Values.size }}}}
spec:
  group: offline.test
  scope: Namespaced
  names: {plural: stores, kind: Store}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              region: {type: string}
              retries: {type: integer, default: 3}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A chart whose only object is a definition."""
    folder = tmp_path_factory.mktemp("chart")
    (folder / "Chart.yaml").write_text("{apiVersion: v2, name: definitions, version: 1.2.3}")
    (folder / "templates").mkdir()
    (folder / "templates" / "store.yaml").write_text(DEFINITION)
    return str(folder)


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with bare_cluster(tmp_path_factory.mktemp("cluster")) as path:
        yield path


@pytest.fixture
def driver(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    monkeypatch.setenv("SECRETS_BOOTSTRAP_TOOLS", str(tools_dir()))
    return Driver(provider("kubernetes"), {"kubeconfig": str(kubeconfig), "enableServerSideApply": "true"})


@pytest.fixture
def api(kubeconfig: Path) -> Cluster:
    return Cluster(kubeconfig.read_text())  # by its text, while the driver has its path


def change(api: Cluster, path: str, patch: Any) -> None:
    """A change by somebody else."""
    headers = {"Content-Type": "application/merge-patch+json"}
    response = api._request("PATCH", path, json=patch, headers=headers, params={"fieldManager": "somebody"})
    assert response.is_success, response.text


def namespace(driver: Driver, name: str) -> Properties:
    inputs: Properties = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    driver.create(NAMESPACE, inputs)
    return inputs


def test_a_namespace_lives_and_goes(driver: Driver) -> None:
    inputs: Properties = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "lives"}}
    id_, state = driver.create(NAMESPACE, inputs)
    assert id_ == "lives"
    assert driver.read(NAMESPACE, id_, inputs, state) == (id_, state, inputs)
    with pytest.raises(CallFailedError, match="Namespace lives already exists"):
        driver.create(NAMESPACE, inputs)
    driver.delete(NAMESPACE, id_, inputs, state)
    assert driver.read(NAMESPACE, id_, inputs, state)[0] == ""
    driver.delete(NAMESPACE, id_, inputs, state)
    driver.create(NAMESPACE, inputs)  # it was really gone


def test_a_secret_is_secret_everywhere(driver: Driver, api: Cluster) -> None:
    namespace(driver, "secret")
    inputs: Properties = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "cluster", "namespace": "secret", "labels": {"a": "b"}},
        "stringData": Secret({"name": "prod", "config": "{}"}),
    }
    id_, state = driver.create(SECRET, inputs)
    assert id_ == "secret/cluster"
    assert state["stringData"] == inputs["stringData"]
    assert state["data"] == Secret({"name": base64.b64encode(b"prod").decode(), "config": "e30="})
    assert driver.read(SECRET, id_, inputs, state) == (id_, state, inputs)

    change(api, "/api/v1/namespaces/secret/secrets/cluster", {"data": {"name": base64.b64encode(b"other").decode()}})
    _, _, drifted = driver.read(SECRET, id_, inputs, state)
    assert drifted["stringData"] == Secret({"name": "other", "config": "{}"})
    difference = driver.diff(SECRET, drifted, inputs)
    assert (list(difference.replaces), difference.deleteBeforeReplace) == (["stringData.name"], True)

    fewer = {**inputs, "stringData": Secret({"name": "prod"})}
    updated = driver.update(SECRET, id_, drifted, fewer, state)
    assert updated["data"] == Secret({"name": base64.b64encode(b"prod").decode()})

    wrong = {**inputs, "metadata": {"name": "wrong", "namespace": "secret"}, "type": Secret({"not": "text"})}
    with pytest.raises(CallFailedError) as failed:
        driver.create(SECRET, wrong)
    assert "prod" not in failed.value.text


def test_drift_in_our_fields_is_seen_and_repaired(driver: Driver, api: Cluster) -> None:
    namespace(driver, "drift")
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
    inputs: Properties = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "reader", "namespace": "drift"},
        "rules": rules,
    }
    id_, state = driver.create(ROLE, inputs)
    path = "/apis/rbac.authorization.k8s.io/v1/namespaces/drift/roles/reader"
    change(api, path, {"metadata": {"labels": {"not": "ours"}}})
    assert driver.changed(ROLE, driver.read(ROLE, id_, inputs, state)[2], inputs) == {}
    change(api, path, {"rules": [{**rules[0], "verbs": ["*"]}]})
    _, _, drifted = driver.read(ROLE, id_, inputs, state)
    assert driver.changed(ROLE, drifted, inputs) == {"rules[0].verbs[0]": "UPDATE"}
    assert driver.update(ROLE, id_, drifted, inputs, state)["rules"] == rules


def test_what_cannot_change_is_made_anew(driver: Driver) -> None:
    old: Properties = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "b", "namespace": "n"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
    }
    other_role = {**old, "roleRef": {**old["roleRef"], "name": "writer"}}
    assert driver.changed(BINDING, old, other_role) == {"roleRef.name": "UPDATE_REPLACE"}
    renamed = {**old, "metadata": {"name": "c", "namespace": "n"}}
    difference = driver.diff(BINDING, old, renamed)
    assert (list(difference.replaces), difference.deleteBeforeReplace) == (["metadata.name"], False)


def test_fields_are_checked_strictly(driver: Driver) -> None:
    namespace(driver, "strict")
    inputs: Properties = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "r", "namespace": "strict"},
        "rules": [{"apiGroups": [""], "resource": ["secrets"], "verbs": ["get"]}],
    }
    with pytest.raises(CallFailedError, match=r"rules\[0\]\.resource"):
        driver.create(ROLE, inputs)


def store(name: str, seconds: int = 30) -> Properties:
    return {
        "apiVersion": "offline.test/v1",
        "kind": "Store",
        "metadata": {
            "name": name,
            "namespace": "stores",
            "annotations": {"pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": str(seconds)},
        },
        "spec": {"region": "eu-west-1"},
    }


def says(api: Cluster, name: str, status: str, message: str) -> None:
    """What the operator would say of a store."""
    condition = {"type": "Ready", "status": status, "reason": "Tested", "message": message}
    path = f"/apis/offline.test/v1/namespaces/stores/stores/{name}/status"
    change(api, path, {"status": {"conditions": [condition]}})


def test_a_release_and_its_custom_resources(
    driver: Driver, api: Cluster, chart: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace(driver, "stores")
    monkeypatch.setattr(cluster, "_DISCOVERY_SECONDS", 1.0)
    with pytest.raises(CallFailedError, match="is its definition"):
        driver.create(STORE, store("too-early"))

    inputs: Properties = {
        "name": "definitions",
        "namespace": "stores",
        "chart": chart,
        "timeout": 60,
        "compat": "true",
        "repositoryOpts": {},
        "values": {"size": "small", "nothing": {}},
    }
    id_, state = driver.create(RELEASE, inputs)
    assert (id_, state["status"]["status"], state["status"]["revision"]) == ("stores/definitions", "deployed", 1)
    assert state["version"] == "1.2.3"
    assert driver.read(RELEASE, id_, inputs, state) == (id_, state, inputs)
    with pytest.raises(CallFailedError, match="already exists"):
        driver.create(RELEASE, inputs)

    # Ready later on.
    timer = Timer(1.0, says, (api, "later", "True", ""))
    timer.start()
    started = time.monotonic()
    store_id, store_state = driver.create(STORE, store("later"))
    assert 0.9 < time.monotonic() - started < 5
    timer.join()
    assert driver.read(STORE, store_id, store("later"), store_state)[2] == store("later")

    # Not ready in time: recorded, with what it says of itself; the next `up` goes on with it.
    timer = Timer(0.3, says, (api, "never", "False", "could not get a credential"))
    timer.start()
    with pytest.raises(
        CallFailedError, match=r"never did not reach condition=Ready in 1 s: .*could not get a cred"
    ) as failed:
        driver.create(STORE, store("never", seconds=1))
    timer.join()
    assert failed.value.init_failed is not None
    assert failed.value.init_failed.id == "stores/never"
    says(api, "never", "True", "")
    driver.update(STORE, "stores/never", store("never"), store("never"))

    # The engine's cancellation ends a wait at once.
    waiting = Driver(provider("kubernetes"), driver.provider.config)
    Timer(0.5, waiting.provider.cancelled.set).start()
    started = time.monotonic()
    with pytest.raises(CallFailedError, match="cancelled"):
        waiting.create(STORE, store("cancelled"))
    assert time.monotonic() - started < 3

    upgraded = driver.update(RELEASE, id_, inputs, {**inputs, "values": {"size": "large"}}, state)
    assert upgraded["status"]["revision"] == 2
    driver.delete(RELEASE, id_, inputs, state)
    assert driver.read(RELEASE, id_, inputs, state)[0] == ""
    driver.delete(RELEASE, id_, inputs, state)
    # Definitions gone, objects gone.
    assert driver.read(STORE, store_id, store("later"), store_state)[0] == ""
    driver.delete(STORE, store_id, store("later"), store_state)


def test_a_release_that_fails_is_taken_back(driver: Driver, kubeconfig: Path) -> None:
    namespace(driver, "broken")
    inputs: Properties = {
        "name": "b",
        "namespace": "broken",
        "chart": "/nowhere",
        "values": {"password": Secret("hush")},
    }
    with pytest.raises(CallFailedError) as failed:
        driver.create(RELEASE, inputs)
    assert "/nowhere" in failed.value.text
    assert "hush" not in failed.value.text
    assert driver.read(RELEASE, "broken/b", inputs)[0] == ""


def test_an_unreachable_cluster_is_an_error_and_not_a_loss(kubeconfig: Path, tmp_path: Path) -> None:
    broken = yaml.safe_load(kubeconfig.read_text())
    broken["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:15399"
    driver = Driver(provider("kubernetes"), {"kubeconfig": yaml.safe_dump(broken)})
    inputs: Properties = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}
    with pytest.raises(CallFailedError, match="does not answer"):
        driver.read(NAMESPACE, "x", inputs)


def test_discovery_finds_what_is_new(api: Cluster) -> None:
    assert api.find_place("v1", "Secret") is not None
    assert api.find_place("nothing.test/v1", "Nothing") is None
    assert api.place("v1", "Namespace", Call()).path(None, "x") == "/api/v1/namespaces/x"
