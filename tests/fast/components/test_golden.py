"""Every token, name, parent and input of both topologies with both identities: changed on purpose only."""

import importlib
import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording, run

CLUSTERS: dict[str, dict[str, Any]] = {
    "local": {"kind": "selfManaged", "name": "prod", "kmsPluginImage": "localhost/aws-encryption-provider:v0"},
    "eks": {"kind": "eks", "name": "prod", "subnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]},
}


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `make up` sets for the local topology."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:14560")
    monkeypatch.setenv("SECRETS_BOOTSTRAP_ESO_CHART", "charts/external-secrets")


def stack_configuration(topology: str, prefix: str, environments: dict[str, Any]) -> dict[str, str]:
    """The configuration as the engine hands it to the program."""
    return {
        "secrets-bootstrap:topology": topology,
        "secrets-bootstrap:prefix": prefix,
        "secrets-bootstrap:environments": json.dumps(environments),
    }


def run_stack(
    topology: str,
    prefix: str,
    environments: dict[str, Any],
    *,
    preview: bool = False,
    foundation_stack: str | None = None,
    there: dict[str, dict[str, Any]] | None = None,
) -> Recording:
    config = stack_configuration(topology, prefix, environments)
    if foundation_stack is not None:
        config["secrets-bootstrap:foundationStack"] = foundation_stack
    return run(importlib.import_module(f"stacks.{topology}").run, config, preview=preview, there=there)


@pytest.mark.parametrize("identity", ["irsa", "podIdentity"])
@pytest.mark.parametrize("topology", ["local", "eks"])
def test_environment(topology: str, identity: str, snapshot: SnapshotAssertion) -> None:
    environments = {"prod": samples.environment(cluster=CLUSTERS[topology], identity={"kind": identity})}
    recording = run_stack(topology, "platform", environments)
    assert [
        {
            "token": one.token,
            "name": one.name,
            "parent": one.parent.rpartition("::")[2],
            "protect": one.protect,
            "providers": recording.provider_names(one),
            "inputs": one.inputs,
        }
        for one in sorted(recording.resources.values(), key=lambda one: one.urn)
    ] == snapshot


@pytest.mark.parametrize("topology", ["local", "eks"])
def test_shipped_configuration(topology: str) -> None:
    """What the repository ships runs as it stands, and a preview of it knows every resource."""
    shipped = samples.stack_config(topology)
    prefix, environments = shipped["secrets-bootstrap:prefix"], shipped["secrets-bootstrap:environments"]
    recording = run_stack(topology, prefix, environments)
    preview = run_stack(topology, prefix, environments, preview=True)
    assert preview.resources.keys() == recording.resources.keys()
    identities = {environment["identity"]["kind"] for environment in environments.values()}
    assert identities == {"irsa", "podIdentity"}


def test_readers_of_the_configuration_get_in_by_both_policies(snapshot: SnapshotAssertion) -> None:
    """The container's and its key's: either alone lets in nobody."""
    reader = f"arn:aws:iam::{samples.ACCOUNT}:role/reader"
    secrets = {"database": {"readers": [reader]}, "tenants/acme": {"readers": [f"{reader}-of-acme"]}}
    recording = run_stack("local", "platform", {"prod": samples.environment(secrets=secrets)})
    made = recording.of("aws:kms/key:Key") + recording.of("aws:secretsmanager/secretPolicy:SecretPolicy")
    assert [
        {"token": one.token, "name": one.name, "inputs": one.inputs} for one in sorted(made, key=lambda one: one.urn)
    ] == snapshot
