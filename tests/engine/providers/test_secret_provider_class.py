"""SecretProviderClasses of every manager on a real API server, whose schema is the driver's: texts, and no other field.

The driver itself needs a kubelet, so it does not run here.
"""

import time
from collections.abc import Iterator

import pytest
import yaml

from bootstrap.providers.kubernetes.cluster import Cluster
from bootstrap.providers.properties import Properties
from bootstrap.providers.registry import provider
from bootstrap.toolchain.folders import tools_dir
from components import SecretProviderClass
from tests.engine.providers.bare_cluster import bare_cluster
from tests.fast.components.mock_engine import run
from tests.fast.components.secret_provider_classes import SAMPLES, Sample
from tests.fast.providers.driver import CallFailedError, Driver

TOKEN = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
NAMESPACE = "kubernetes:core/v1:Namespace"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
# What the driver's own definition allows (secrets-store-csi-driver, `apis/v1/secretproviderclass_types.go`).
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: secretproviderclasses.secrets-store.csi.x-k8s.io}
spec:
  group: secrets-store.csi.x-k8s.io
  scope: Namespaced
  names: {plural: secretproviderclasses, singular: secretproviderclass, kind: SecretProviderClass}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              provider: {type: string}
              parameters: {type: object, additionalProperties: {type: string}}
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    with bare_cluster(tmp_path_factory.mktemp("cluster")) as kubeconfig, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETS_BOOTSTRAP_TOOLS", str(tools_dir()))
        made = Driver(provider("kubernetes"), {"kubeconfig": str(kubeconfig), "enableServerSideApply": "true"})
        made.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps"}})
        define(Cluster(kubeconfig.read_text()))
        yield made


def define(api: Cluster) -> None:
    definition = yaml.safe_load(DEFINITION)
    assert api._request("POST", DEFINITIONS, json=definition).is_success
    path = f"{DEFINITIONS}/{definition['metadata']['name']}"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        conditions = api._request("GET", path).json().get("status", {}).get("conditions") or []
        if ("Established", "True") in {(one["type"], one["status"]) for one in conditions}:
            return
        time.sleep(0.2)
    raise TimeoutError("the definition was not established")


def inputs(name: str, sample: Sample) -> Properties:
    """What the component registers for the sample."""
    (made,) = run(lambda: SecretProviderClass("it", sample.arguments(class_name=name))).of(TOKEN)
    return dict(made.inputs)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_api_server_takes_it(driver: Driver, name: str) -> None:
    wanted = inputs(name, SAMPLES[name])
    id_, state = driver.create(TOKEN, wanted)
    assert driver.read(TOKEN, id_, wanted, state)[1]["spec"] == wanted["spec"]


def test_it_refuses_what_is_no_text(driver: Driver) -> None:
    wanted = inputs("wrong", SAMPLES["aws-irsa"])
    for spoiled in ({"parameters": {"usePodIdentity": True}}, {"paramaters": {}}):
        with pytest.raises(CallFailedError):
            driver.create(TOKEN, {**wanted, "spec": {**wanted["spec"], **spoiled}})
