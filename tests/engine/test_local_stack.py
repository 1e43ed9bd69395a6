"""The real engine on the running stack: preview of nothing, up, no-op, update, drift and repair."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.engine import Engine
from bootstrap.errors import BootstrapError
from bootstrap.verification.credentials import find_credentials
from tests.local_stack import Running, stop_rotation

FLOW = ["keys", "secret containers", "cluster", "identity", "operator", "store Ready", "first secret synced", "Argo CD"]


def changes(engine: Engine, *flags: str) -> dict[str, str]:
    """What a preview would do, by the resource's own name; sames left out, and reads of what somebody else makes."""
    steps = json.loads(engine.operate("preview", "--json", *flags, capture=True))["steps"]
    return {step["urn"].rsplit("::", 1)[-1]: step["op"] for step in steps if step["op"] not in {"same", "read"}}


def test_preview_works_before_there_is_any_cluster(running: Running) -> None:
    steps = json.loads(running.preview)["steps"]
    assert {step["op"] for step in steps} == {"create", "read"}
    types = [step["newState"]["type"] for step in steps]
    assert types.count("localcloud:index:Cluster") == 2
    assert types.count("kubernetes:external-secrets.io/v1:ExternalSecret") == 5


@pytest.mark.parametrize("environment", ["prod", "nonprod"])
def test_up_follows_the_flow(running: Running, environment: str) -> None:
    steps = {step: seconds for owner, step, seconds in running.report.timeline if owner == environment}
    assert [step for step in steps if step in FLOW] == FLOW
    assert steps["etcd encryption"] < steps["cluster"]


def test_every_gate_passes(running: Running) -> None:
    assert [gate for gate in running.report.gates if not gate.passed] == []
    assert len(running.report.gates) == 2 * 8


def test_a_second_up_changes_nothing(running: Running) -> None:
    running.local.engine.up("--expect-no-changes", capture=True)


def test_outputs_are_references(running: Running) -> None:
    """The engine would show a secret output as `[secret]`, and write it in plain text to event logs."""
    outputs = json.dumps(running.local.engine.outputs())
    assert "[secret]" not in outputs
    assert find_credentials(outputs, []) == []


@pytest.fixture
def settings(running: Running) -> Any:
    """The stack's configuration of this run: change it, then write it with the function that the fixture gives."""
    file = Path(running.local.directory, "project", "Pulumi.local.yaml")
    committed = file.read_text()

    def write(environment: str, **fields: Any) -> None:
        config = yaml.safe_load(committed)
        config["config"]["secrets-bootstrap:environments"][environment].update(fields)
        file.write_text(yaml.safe_dump(config))

    yield write
    file.write_text(committed)
    running.local.engine.up(capture=True)


def test_an_update_touches_only_what_was_asked_for(running: Running, settings: Any) -> None:
    engine = running.local.engine
    settings("prod", firstSync={"refreshInterval": "2h"}, secrets={"database": {"description": "changed"}})
    assert changes(engine) == {
        "prod-foundation-secrets-database": "update",
        "prod-foundation-secrets-tenants/acme": "delete",
        "prod-foundation-secrets-tenants/acme-policy": "delete",
        "prod-bootstrap-first-sync-external-secret": "update",
    }
    engine.up(capture=True)
    assert (
        running.prod.custom_resource("externalsecrets", "canary", "secrets-bootstrap")["spec"]["refreshInterval"]
        == "2h0m0s"
    )
    manager = running.aws("secretsmanager")
    assert manager.describe_secret(SecretId="platform/prod/database")["Description"] == "changed"
    with pytest.raises(manager.exceptions.ResourceNotFoundException):
        manager.describe_secret(SecretId="platform/prod/tenants/acme")
    assert changes(engine) == {}


def test_bad_input_stops_before_anything_is_created(running: Running, settings: Any) -> None:
    settings("prod", store={"conditions": []})
    with pytest.raises(BootstrapError) as caught:
        running.local.engine.operate("up", "--yes", "--skip-preview", capture=True)
    assert "environments.prod.store.conditions" in caught.value.why
    assert "Traceback" not in caught.value.why


def test_drift_is_seen_and_repaired(running: Running) -> None:
    engine, prod = running.local.engine, running.prod
    stop_rotation(running.aws("kms"), prod.references["secretsKeyArn"])
    running.aws("iam").delete_role_policy(RoleName="platform-nonprod-external-secrets", PolicyName="read-secrets")
    path = "/apis/external-secrets.io/v1/clustersecretstores/prod"
    patch = {"spec": {"conditions": [{"namespaces": ["kube-system"]}]}}
    prod.kubernetes.patch(path, json=patch, headers={"Content-Type": "application/merge-patch+json"}).raise_for_status()

    engine.operate("refresh", "--yes", "--skip-preview", capture=True)
    assert {
        "prod-foundation-keys-secrets": "update",
        "nonprod-identity-policy": "create",
        "prod-bootstrap-store-store": "update",
    }.items() <= changes(engine).items()
    assert_state_is_sealed(engine)

    engine.up(capture=True)
    assert running.aws("kms").get_key_rotation_status(KeyId=prod.references["secretsKeyArn"])["KeyRotationEnabled"]
    assert "kube-system" not in json.dumps(prod.get(path)["spec"]["conditions"])
    assert changes(engine) == {}


def assert_state_is_sealed(engine: Engine) -> None:
    """A refresh writes what it read: what was secret before must be so still."""
    resources = engine.export()["deployment"]["resources"]
    assert find_credentials(json.dumps(resources), []) == []
    keys = [one for one in resources if one["type"] == "tls:index/privateKey:PrivateKey"]
    assert keys
    for key in keys:
        assert set(key["outputs"]["privateKeyOpenssh"]) == {"4dabf18193072939515e22adb298388d", "ciphertext"}
