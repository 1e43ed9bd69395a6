"""The policy pack on the real engine: what ships keeps every rule, and a program that breaks them is refused."""

import json
from pathlib import Path

import pytest
import yaml

from bootstrap.engine import Engine
from bootstrap.errors import BootstrapError
from bootstrap.policies import preview_under_policies
from bootstrap.toolchain.folders import tools_dir
from tests.local_stack import Running

NOWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
SEEN_IN_A_PREVIEW = (
    "clusters-encrypt-secrets",
    "deletion-can-be-undone",
    "durable-keys-are-protected",
    "keys-rotate",
    "no-public-secret-policy",
    "no-wildcards",
    "stores-have-conditions",
)


def test_the_shipped_eks_stack_keeps_every_rule(tmp_path: Path) -> None:
    engine = Engine(stack="eks", directory=tmp_path, tools=tools_dir(), cloud_environment=NOWHERE)
    engine.prepare()
    assert "[mandatory]" not in preview_under_policies(engine, ["prod"])
    steps = json.loads(preview_under_policies(engine, ["prod"], "--json"))["steps"]
    secrets = [step["newState"]["inputs"] for step in steps if step["newState"]["type"] == "kubernetes:core/v1:Secret"]
    assert [inputs["stringData"] for inputs in secrets] == ["[secret]", "[secret]"]


def test_a_program_that_breaks_the_rules_is_refused(tmp_path: Path) -> None:
    program = Path(__file__).parent / "program"
    engine = Engine(stack="test", directory=tmp_path, tools=tools_dir(), cloud_environment=NOWHERE, program=program)
    engine.prepare()
    with pytest.raises(BootstrapError) as refused:
        preview_under_policies(engine, ["prod"])
    for rule in SEEN_IN_A_PREVIEW:
        assert f"[mandatory]  {rule}" in refused.value.why, rule


def test_the_running_stack_keeps_every_rule_with_all_ids_known(running: Running) -> None:
    said = preview_under_policies(running.local.engine, [])
    assert "[mandatory]" not in said
    assert "can't run policy" not in said


def test_a_key_of_another_environment_is_refused(running: Running) -> None:
    engine = running.local.engine
    file = Path(engine.directory, "project", "Pulumi.local.yaml")
    committed = file.read_text()
    stolen = {"existing": {"secrets": running.prod.references["secretsKeyArn"]}}
    config = yaml.safe_load(committed)
    config["config"]["secrets-bootstrap:environments"]["nonprod"]["keys"] = stolen
    try:
        file.write_text(yaml.safe_dump(config))
        with pytest.raises(BootstrapError, match="environments-share-nothing"):
            preview_under_policies(engine, [])
    finally:
        file.write_text(committed)
