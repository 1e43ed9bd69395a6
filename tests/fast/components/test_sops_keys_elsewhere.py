"""GcpSopsKey: pinned whole, and what it refuses before anything is made. Golden: nothing here runs Google Cloud."""

from collections.abc import Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bootstrap.sops.recipients import FILE, read_recipients
from components import ConfigError, DeletionProfile, GcpSopsKey, GcpSopsKeyArgs
from tests.fast.components import samples_gcp
from tests.fast.components.mock_engine import Recording, run


def gcp(**changes: Any) -> GcpSopsKeyArgs:
    return GcpSopsKeyArgs(**samples_gcp.sops_values(**changes))


def made(**changes: Any) -> Recording:
    return run(lambda: GcpSopsKey("it", gcp(**changes)))


def test_golden(snapshot: SnapshotAssertion) -> None:
    found = [
        {
            "token": one.token,
            "name": one.name,
            "parent": one.parent.rpartition("::")[2],
            "protect": one.protect,
            "retained": one.retained,
            "inputs": one.inputs,
        }
        for one in sorted(made().resources.values(), key=lambda one: one.urn)
    ]
    assert found == snapshot.use_extension(JSONSnapshotExtension)


def test_ephemeral_protects_nothing() -> None:
    key = made(deletion_profile=DeletionProfile.EPHEMERAL).named("it-key")
    assert (key.protect, key.inputs["destroyScheduledDuration"]) == (False, "86400s")


def test_sops_takes_what_it_gives(tmp_path: Any) -> None:
    """The output is a key's full name, as the check of recipients wants it."""
    name = (made().named("it").outputs or {})["keyName"]
    (tmp_path / FILE).write_text(f"prod: {{gcp_kms: ['{name}']}}\n")
    assert [one.names for one in read_recipients(tmp_path)] == [{name}]


IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("GcpSopsKeyArgs.administrators", lambda: gcp(administrators=[])),
    ("GcpSopsKeyArgs.editors", lambda: gcp(editors=[])),
    ("GcpSopsKeyArgs.editors", lambda: gcp(editors=samples_gcp.WRITER)),
    ("GcpSopsKeyArgs.editors.1", lambda: gcp(editors=[samples_gcp.WRITER, "allUsers"])),
    ("GcpSopsKeyArgs.editors.0", lambda: gcp(editors=["domain:x-leak.example"])),
    ("GcpSopsKeyArgs.editors.0", lambda: gcp(editors=[samples_gcp.ADMINISTRATOR])),
    ("GcpSopsKeyArgs.appliers.0", lambda: gcp(appliers=[samples_gcp.ADMINISTRATOR])),
    ("GcpSopsKeyArgs.administrators.0", lambda: gcp(administrators=["x-leak"])),
    ("GcpSopsKeyArgs.rotation_days", lambda: gcp(rotation_days=0)),
]


@pytest.mark.parametrize(("field", "build"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, build: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as error:
        build()
    assert error.value.field == field
    assert "x-leak" not in str(error.value)
