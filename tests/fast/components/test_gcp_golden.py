"""Every token, name, parent and input of the gke topology with both identities: changed on purpose only."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.fast.components import samples, samples_gcp
from tests.fast.components.test_golden import run_stack, snapshot  # noqa: F401 - a fixture


@pytest.mark.parametrize("identity", samples_gcp.IDENTITIES)
def test_environment(identity: str, snapshot: SnapshotAssertion) -> None:  # noqa: F811 - the fixture
    recording = run_stack("gke", "platform", {"prod": samples_gcp.environment(identity={"kind": identity})})
    assert [
        {
            "token": one.token,
            "name": one.name,
            "parent": one.parent.rpartition("::")[2],
            "protect": one.protect,
            "retained": one.retained,
            "ignored": one.ignored,
            "providers": recording.provider_names(one),
            "inputs": one.inputs,
        }
        for one in sorted(recording.resources.values(), key=lambda one: one.urn)
    ] == snapshot


def test_shipped_configuration() -> None:
    """What the repository ships runs as it stands, and a preview of it knows every resource."""
    shipped = samples.stack_config("gke")
    prefix, environments = shipped["secrets-bootstrap:prefix"], shipped["secrets-bootstrap:environments"]
    recording = run_stack("gke", prefix, environments)
    preview = run_stack("gke", prefix, environments, preview=True)
    assert preview.resources.keys() == recording.resources.keys()
    assert recording.invokes == []
    identities = {environment["identity"]["kind"] for environment in environments.values()}
    assert identities == set(samples_gcp.IDENTITIES)
