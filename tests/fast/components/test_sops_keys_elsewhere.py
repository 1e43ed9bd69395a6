"""GcpSopsKey and AzureSopsKey: pinned whole, and what they refuse before anything is made.

Golden: nothing here runs Google Cloud or Azure.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bootstrap.sops.recipients import FILE, read_recipients
from components import AzureSopsKey, AzureSopsKeyArgs, ConfigError, DeletionProfile, GcpSopsKey, GcpSopsKeyArgs
from tests.fast.components import samples_azure, samples_gcp
from tests.fast.components.mock_engine import Recording, run


def gcp(**changes: Any) -> GcpSopsKeyArgs:
    return GcpSopsKeyArgs(**samples_gcp.sops_values(**changes))


def azure(**changes: Any) -> AzureSopsKeyArgs:
    return AzureSopsKeyArgs(**samples_azure.sops_values(**changes))


MADE: dict[str, Callable[..., Recording]] = {
    "gcp": lambda **changes: run(lambda: GcpSopsKey("it", gcp(**changes))),
    "azure": lambda **changes: run(lambda: AzureSopsKey("it", azure(**changes))),
}


@pytest.mark.parametrize("backend", MADE)
def test_golden(backend: str, snapshot: SnapshotAssertion) -> None:
    found = {
        one.name: {
            "token": one.token,
            "parent": one.parent.rpartition("::")[2],
            "protect": one.protect,
            "retained": one.retained,
            "inputs": one.inputs,
        }
        for one in MADE[backend]().resources.values()
    }
    assert found == snapshot.use_extension(JSONSnapshotExtension)


def test_ephemeral_protects_nothing() -> None:
    key = MADE["gcp"](deletion_profile=DeletionProfile.EPHEMERAL).named("it-key")
    assert (key.protect, key.inputs["destroyScheduledDuration"]) == (False, "86400s")


def test_without_appliers_there_is_no_role_for_them() -> None:
    recording = MADE["azure"](appliers={})
    assert [one.name for one in recording.of("azure-native:authorization:RoleDefinition")] == ["it-editor-role"]


@pytest.mark.parametrize(
    ("backend", "kind", "output"), [("gcp", "gcp_kms", "keyName"), ("azure", "azure_keyvault", "keyUrl")]
)
def test_sops_takes_what_it_gives(backend: str, kind: str, output: str, tmp_path: Path) -> None:
    """The output is a key's full name, as the check of recipients wants it."""
    name = (MADE[backend]().named("it").outputs or {})[output]
    (tmp_path / FILE).write_text(f"prod: {{{kind}: ['{name}']}}\n")
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
    ("AzureSopsKeyArgs.editors", lambda: azure(editors={})),
    ("AzureSopsKeyArgs.editors.x-leak", lambda: azure(editors={"x-leak": "User"})),
    ("AzureSopsKeyArgs.appliers.x-leak", lambda: azure(appliers={"x-leak": "User"})),
]


@pytest.mark.parametrize(("field", "build"), IMPOSSIBLE, ids=[field for field, _ in IMPOSSIBLE])
def test_impossible_arguments(field: str, build: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as error:
        build()
    assert error.value.field == field
    assert "x-leak" not in f"{error.value.reason} {error.value.mend}"
