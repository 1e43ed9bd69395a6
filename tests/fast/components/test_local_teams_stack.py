"""The topology `local-teams` as it is shipped: what stands beside each environment, and what is said of it."""

from functools import cache
from typing import Any

import pulumi
import pytest
from syrupy.assertion import SnapshotAssertion

from components import ConfigError
from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording
from tests.fast.components.test_golden import machine, run_stack, snapshot  # noqa: F401 - fixtures

KINDS = ("-ci", "-tenants", "-files", "-zone", "-dns01", "-namespace", "-account")
SHIPPED = samples.stack_config("local-teams")["secrets-bootstrap:environments"]


def made(*, preview: bool = False) -> Recording:
    return run_stack("local_teams", "platform", SHIPPED, preview=preview)


shipped = cache(made)


def test_what_stands_beside_an_environment(snapshot: SnapshotAssertion) -> None:  # noqa: F811 - the fixture
    recording = shipped()
    beside = [
        one for one in recording.resources.values() if one.name.startswith(tuple(f"prod{kind}" for kind in KINDS))
    ]
    assert [
        {
            "token": one.token,
            "name": one.name,
            "parent": one.parent.rpartition("::")[2],
            "providers": recording.provider_names(one),
            "inputs": one.inputs,
        }
        for one in sorted(beside, key=lambda one: one.urn)
    ] == snapshot


def test_a_preview_knows_every_resource() -> None:
    assert made(preview=True).resources.keys() == shipped().resources.keys()


def test_each_environment_is_reached_by_its_own_provider_only() -> None:
    recording = shipped()
    for token in ("aws:iam/role:Role", "aws:kms/key:Key", "aws:route53/zone:Zone"):
        for one in recording.of(token):
            assert recording.provider_names(one) == [f"{one.name.partition('-')[0]}-aws"]


def test_who_is_named_in_a_policy_is_there_before() -> None:
    """The component waits for them, and its children for the component."""
    recording = shipped()
    for environment in SHIPPED:
        for name in ("tenants", "files"):
            assert recording.needs(recording.named(f"{environment}-{name}"), recording.named(f"{environment}-ci-role"))
        issuer = recording.named(f"{environment}-identity-issuer")
        for name in ("ci", "tenants", "dns01"):
            assert recording.needs(recording.named(f"{environment}-{name}"), issuer)


def test_references_name_what_prove_attacks(
    monkeypatch: pytest.MonkeyPatch,
    snapshot: SnapshotAssertion,  # noqa: F811 - the fixture
) -> None:
    said: dict[str, Any] = {}
    monkeypatch.setattr(
        pulumi,
        "export",
        lambda name, value: pulumi.Output.from_input(value).apply(lambda one: said.update({name: one})),
    )
    made()
    assert said["environments"]["prod"] == snapshot


def test_other_clusters_are_refused() -> None:
    environment = samples.environment(cluster={"kind": "eks", "subnetIds": ["subnet-01234567", "subnet-01234568"]})
    with pytest.raises(ConfigError, match=r"environments.prod.cluster.kind"):
        run_stack("local_teams", "platform", {"prod": environment})
