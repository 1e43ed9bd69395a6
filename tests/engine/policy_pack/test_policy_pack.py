"""The policy pack on the real engine: what ships keeps every rule, and a program that breaks them is refused."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from bootstrap import state_keys
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
    said = preview_under_policies(engine, ["prod"], one_state=True)
    assert "[mandatory]" not in said
    assert "[advisory]  environments-share-no-state" in said
    steps = json.loads(preview_under_policies(engine, ["prod"], "--json", one_state=True))["steps"]
    secrets = [step["newState"]["inputs"] for step in steps if step["newState"]["type"] == "kubernetes:core/v1:Secret"]
    assert [inputs["stringData"] for inputs in secrets] == ["[secret]", "[secret]"]


def test_a_durable_environment_is_alone_in_its_state(tmp_path: Path) -> None:
    """The stack `eks` has nonprod beside prod, and `self-managed` prod alone."""
    shared, alone = (
        Engine(stack=stack, directory=tmp_path / stack, tools=tools_dir(), cloud_environment=NOWHERE)
        for stack in ("eks", "self-managed")
    )
    for engine in (shared, alone):
        engine.prepare()
    with pytest.raises(BootstrapError, match="nonprod, prod lie in one state") as refused:
        preview_under_policies(shared, ["prod"])
    assert "[mandatory]  environments-share-no-state" in refused.value.why
    said = preview_under_policies(alone, ["prod"])
    assert "environments-share-no-state" not in said
    assert "[mandatory]" not in said


def test_stacks_that_the_engine_made_have_keys_of_their_own_until_one_is_copied(tmp_path: Path) -> None:
    """With a passphrase each stack gets a salt of its own, and its file says so."""
    files = []
    for stack in ("eks", "self-managed"):
        engine = Engine(stack=stack, directory=tmp_path / stack, tools=tools_dir(), cloud_environment=NOWHERE)
        engine.prepare()
        files.append(Path(shutil.copy(engine.directory / "project" / f"Pulumi.{stack}.yaml", tmp_path)))
    assert all("encryptionsalt" in file.read_text() for file in files)
    assert state_keys.check(tmp_path, ["prod"]) == 2
    eks, other = (yaml.safe_load(file.read_text()) for file in files)
    files[1].write_text(yaml.safe_dump({**other, "encryptionsalt": eks["encryptionsalt"]}))
    with pytest.raises(BootstrapError, match="the stacks eks and self-managed"):
        state_keys.check(tmp_path, ["prod"])


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
