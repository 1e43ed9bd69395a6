"""Every token, name, parent and input of the aks topology: changed on purpose only. Nothing here was run on Azure."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.fast.components import samples, samples_azure
from tests.fast.components.test_golden import run_stack, snapshot  # noqa: F401 - a fixture

ADOPTING = {
    "keys": {
        "vault": "platform-prod-keys",
        "existing": {"secrets": samples_azure.KEY, "etcd": samples_azure.KEY_VERSION},
    },
    "secretsVault": {"existingId": f"{samples_azure.GROUP}/Microsoft.KeyVault/vaults/old-secrets"},
    "identity": {
        "kind": "azureWorkloadIdentity",
        "serviceAccountRef": {"namespace": "external-secrets", "name": "reader"},
        "existing": samples_azure.EXISTING_IDENTITY,
    },
    "audit": {"existingWorkspaceId": samples_azure.WORKSPACE},
    "deletionProfile": "ephemeral",
}


@pytest.mark.parametrize("changes", [{}, ADOPTING], ids=["created", "adopting"])
def test_environment(changes: dict, snapshot: SnapshotAssertion) -> None:  # noqa: F811
    recording = run_stack("aks", "platform", {"prod": samples_azure.environment(**changes)})
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


def test_shipped_configuration() -> None:
    """What the repository ships runs as it stands, and a preview of it knows every resource."""
    shipped = samples.stack_config("aks")
    prefix, environments = shipped["secrets-bootstrap:prefix"], shipped["secrets-bootstrap:environments"]
    recording = run_stack("aks", prefix, environments)
    preview = run_stack("aks", prefix, environments, preview=True)
    assert environments.keys() == {"prod", "nonprod"}
    assert preview.resources.keys() == recording.resources.keys()
