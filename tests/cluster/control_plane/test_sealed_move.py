"""An environment without a manager moves to one: the real engine finds cluster, namespaces and Sealed Secrets again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.sealed_secrets import CHART
from tests.cluster.control_plane.sealed import SealingCluster, seal, sealing_cluster
from tests.fast.components import samples, samples_sealed

SEALED: dict[str, Any] = {
    "namespaces": ["orders"],
    "firstKey": "state",
    "chart": str(tools_dir() / CHART),
    "repository": None,
    "version": None,
}
BEFORE = samples_sealed.configuration(
    prod=samples_sealed.environment(namespaces=["orders", "web"], sealedSecrets=SEALED, deletionProfile="ephemeral")
)
AFTER = samples.configuration(
    prod=samples.environment(
        namespaces=["orders", "web"],
        store={"conditions": [{"namespaces": ["orders"]}]},
        sealedSecrets=SEALED,
        deletionProfile="ephemeral",
        operator={"webhook": False},
    )
)
CREATE_CLUSTER = """
def create_cluster(name, *given):
    return ClusterRef(name="prod", issuer_url="https://prod.example.com", provider=cluster.provider)


"""
WITHOUT_A_MANAGER = f"""{CREATE_CLUSTER}
config = parse_config({BEFORE!r})
arguments = SealedBootstrapArgs(environment=config.sealed_environments["prod"], create_cluster=create_cluster)
pulumi.export("prod", dict(SealedBootstrap("prod", arguments).references))
"""
WITH_ONE = f"""{CREATE_CLUSTER}
import pulumi_aws
manager = pulumi_aws.Provider("aws", region="eu-west-1")
config = parse_config({AFTER!r})
arguments = SecretsBootstrapArgs(
    names=config.names("prod"), environment=config.environments["prod"], create_cluster=create_cluster
)
SecretsBootstrap("prod", arguments, pulumi.ResourceOptions(providers=[manager]))
"""


@pytest.fixture(scope="module")
def environment(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealingCluster]:
    with sealing_cluster(plane, tmp_path_factory.mktemp("move")) as made:
        made.up(WITHOUT_A_MANAGER)
        yield made


def test_a_value_is_opened_without_a_manager(environment: SealingCluster) -> None:
    certificate = environment.engine.directory / "prod.pem"
    exported = json.loads(environment.engine.run("stack", "output", "--json"))["prod"]
    certificate.write_text(exported["sealedSecrets"]["certificate"])
    environment.apply(seal(certificate, "opened", namespace="orders"))
    environment.opens("orders", "database", "opened")


def test_a_manager_is_added_and_nothing_of_the_cluster_is_replaced(
    environment: SealingCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preview: nobody answers in the manager's place."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    urns = [one["urn"] for one in environment.engine.export()["deployment"]["resources"]]
    # The engine lists no default providers.
    there = {one.replace(":SealedBootstrap", ":SecretsBootstrap") for one in urns if "::default_" not in one}
    environment.write(WITH_ONE)
    steps = json.loads(environment.engine.operate("preview", "--json", "--show-sames", capture=True))["steps"]
    assert {one["op"] for one in steps} == {"same", "create"}
    kept = {one["urn"] for one in steps if one["op"] == "same"}
    assert kept == there
    names = {urn.rpartition("::")[2] for urn in kept}
    assert {"prod-bootstrap-namespace-web", "prod-sealed-secrets-controller", "prod-sealed-secrets-key"} <= names
