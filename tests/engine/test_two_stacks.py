"""Foundation and cluster apart, on the real engine and the local cloud: two stacks, one environment, the same gates."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from bootstrap import lifecycle
from bootstrap.engine import Engine
from bootstrap.errors import BootstrapError
from bootstrap.lifecycle import LocalStack, environment_views
from bootstrap.paths import REPOSITORY
from bootstrap.verification.gates import check
from tests.local_stack import environment_of, free_port_base, program_with

FOUNDATION, CLUSTER = "local-foundation", "local-cluster"
NO_TRAIL_HERE = {"existingTrailArn": "arn:aws:cloudtrail:eu-west-1:123456789012:trail/theirs"}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root program with the configuration of the two stacks: environment `prod` of the stack `local`."""
    local = yaml.safe_load((REPOSITORY / "stacks" / "Pulumi.local.yaml").read_text())["config"]
    prod = local["secrets-bootstrap:environments"]["prod"] | {"audit": NO_TRAIL_HERE}
    shared = {"secrets-bootstrap:prefix": "platform", "secrets-bootstrap:environments": {"prod": prod}}
    first = {"secrets-bootstrap:topology": "foundation", **shared}
    second = {
        "secrets-bootstrap:topology": "local",
        "secrets-bootstrap:foundationStack": f"organization/secrets-bootstrap/{FOUNDATION}",
        **shared,
    }
    return program_with(tmp_path_factory.mktemp("program"), {FOUNDATION: first, CLUSTER: second})


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A local cloud with no stack in it."""
    directory = tmp_path_factory.mktemp("two")
    with environment_of(directory, free_port_base()):
        console = Console(file=io.StringIO(), width=200)
        cloud = lifecycle.open_stack("local", console)
        try:
            cloud.start_cloud(console)
            yield cloud
        finally:
            lifecycle.down("local", console)


@pytest.fixture(scope="module")
def stacks(local: LocalStack, program: Path) -> tuple[Engine, Engine]:
    """The engines of both stacks. Nothing is up yet."""
    first, second = (replace(local.engine, stack=stack, program=program) for stack in (FOUNDATION, CLUSTER))
    first.prepare()
    second.prepare()
    return first, second


def types(engine: Engine) -> set[str]:
    return {one["type"] for one in engine.export()["deployment"]["resources"]}


def test_two_stacks_reach_the_first_synced_secret(
    local: LocalStack, stacks: tuple[Engine, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stacks
    with pytest.raises(BootstrapError):
        second.operate("preview", capture=True)  # there is no foundation yet, and it says so

    first.up(capture=True)
    assert "kubernetes:helm.sh/v3:Release" not in types(first)
    second.operate("preview", capture=True)
    second.up(capture=True)
    assert not {"aws:kms/key:Key", "aws:secretsmanager/secret:Secret", "tls:index/privateKey:PrivateKey"} & types(
        second
    )

    monkeypatch.setattr(LocalStack, "engine", second)
    views = environment_views(local)
    gates = check(views, str([engine.export() for engine in stacks]), [])
    assert [gate for gate in gates if not gate.passed] == []
    assert len(gates) == 7  # all but the one that needs another environment
    for engine in stacks:
        engine.up("--expect-no-changes", capture=True)
