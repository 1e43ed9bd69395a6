"""Readers of the configuration, pinned: what lets them in at the container and at its key."""

import json

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from components import parse_config
from components.aws.foundation import key_policies
from tests.fast.components import samples
from tests.fast.components.test_golden import machine, run_stack  # noqa: F401 - a fixture


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def test_readers_of_the_configuration_get_in_by_both_policies(snapshot: SnapshotAssertion) -> None:
    """The container's and its key's: either alone lets in nobody."""
    reader = f"arn:aws:iam::{samples.ACCOUNT}:role/reader"
    secrets = {"database": {"readers": [reader]}, "tenants/acme": {"readers": [f"{reader}-of-acme"]}}
    environment = samples.environment(secrets=secrets)
    parsed = parse_config(samples.configuration(prod=environment)).environments["prod"]
    made = run_stack("local", "platform", {"prod": environment}).of("aws:secretsmanager/secretPolicy:SecretPolicy")
    assert {
        "key policies": {role: key_policies(samples.NAMES, parsed)[role] for role in ("secrets", "tenants")},
        "containers": {one.name: json.loads(one.inputs["policy"]) for one in made},
    } == snapshot
