"""SecretProviderClasses of every manager on a real API server, by the driver's definition: texts, no other field."""

from collections.abc import Iterator

import pytest
import yaml

from bootstrap.kubernetes_api import connect
from bootstrap.providers.properties import Properties
from bootstrap.providers.registry import provider
from bootstrap.toolchain.csi_driver import FILES
from bootstrap.toolchain.folders import tools_dir
from components import SecretProviderClass
from tests.api_objects import applied
from tests.engine.providers.bare_cluster import bare_cluster
from tests.fast.components.mock_engine import run
from tests.fast.components.secret_provider_classes import SAMPLES, Sample
from tests.fast.providers.driver import CallFailedError, Driver

TOKEN = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
NAMESPACE = "kubernetes:core/v1:Namespace"
DEFINITION = "secrets-store.csi.x-k8s.io_secretproviderclasses.yaml"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    definition = yaml.safe_load((tools_dir() / FILES / DEFINITION).read_text())
    with bare_cluster(tmp_path_factory.mktemp("cluster")) as kubeconfig, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETS_BOOTSTRAP_TOOLS", str(tools_dir()))
        made = Driver(provider("kubernetes"), {"kubeconfig": str(kubeconfig), "enableServerSideApply": "true"})
        made.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps"}})
        with connect(str(kubeconfig)) as http, applied(http, [definition]):
            yield made


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
