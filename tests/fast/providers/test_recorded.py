"""The mechanism of the recorded clouds: the SDK's schema, and the life of an object in the file."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from bootstrap.providers.properties import UNKNOWN, Properties, Secret
from bootstrap.providers.registry import provider
from bootstrap.providers.schema import inputs_of
from tests.fast.providers.driver import CallFailedError, Driver

RING, KEY = "gcp:kms/keyRing:KeyRing", "gcp:kms/cryptoKey:CryptoKey"
SECRET, VERSION = "gcp:secretmanager/secret:Secret", "gcp:secretmanager/secretVersion:SecretVersion"
CLUSTER = "azure-native:containerservice:ManagedCluster"
VAULT = "azure-native:keyvault:Vault"
PLAIN: Properties = {"secretId": "database", "replication": {"auto": {}}, "labels": {"team": "a"}}
ID = "projects/demo/secrets/database"


@pytest.mark.parametrize(
    ("token", "inputs", "faults"),
    [
        (SECRET, PLAIN, {}),
        (SECRET, {"replication": {"auto": {}}}, {"secretId"}),
        (SECRET, {"secretId": "a"}, {"replication"}),
        (SECRET, {**PLAIN, "naem": "a"}, {"naem"}),
        (SECRET, {**PLAIN, "deletionProtection": "yes"}, {"deletionProtection"}),
        (SECRET, {**PLAIN, "labels": {"team": 1}}, {"labels.team"}),
        (SECRET, {**PLAIN, "labels": {"team": UNKNOWN}}, {}),
        (SECRET, {**PLAIN, "replication": {"auot": {}}}, {"replication.auot"}),
        (
            SECRET,
            {**PLAIN, "replication": {"userManaged": {"replicas": [{"location": 1}, "x"]}}},
            {"replication.userManaged.replicas[0].location", "replication.userManaged.replicas[1]"},
        ),
        ("gcp:container/nodePool:NodePool", {"cluster": "c", "nodeCount": 1.5}, {"nodeCount"}),
        (
            VAULT,
            {
                "vaultName": "v",
                "resourceGroupName": "g",
                "location": "westeurope",
                "properties": {"tenantId": "t", "sku": {"family": "A", "name": "cheap"}},
            },
            {"properties.sku.name"},
        ),
        (
            "azure-native:containerservice:AgentPool",
            {"agentPoolName": "a", "mode": "Sytem"},
            {"mode", "resourceName", "resourceGroupName"},
        ),
    ],
)
def test_inputs_are_checked_by_the_schema_of_the_sdk(
    gcp: Driver, azure: Driver, token: str, inputs: Properties, faults: set[str]
) -> None:
    driver = gcp if token.startswith("gcp:") else azure
    assert set(driver.check(token, inputs)) == set(faults)


def test_unknown_types_and_functions_are_refused(gcp: Driver) -> None:
    with pytest.raises(CallFailedError, match="gcp:storage/bucket:Bucket is not a resource type"):
        gcp.check("gcp:storage/bucket:Bucket", {})
    with pytest.raises(LookupError):
        inputs_of("gcp:kms/keyRing:KeyRnig")


def test_the_provider_takes_what_its_sdk_names() -> None:
    with pytest.raises(AssertionError, match="porject"):
        Driver(provider("gcp"), {"porject": "demo"})


def test_the_life_of_an_object(gcp: Driver, recorded_state: Path) -> None:
    id_, created = gcp.create(SECRET, PLAIN)
    assert (id_, created["name"], created["project"]) == (ID, "projects/123456789012/secrets/database", "demo")
    assert gcp.read(SECRET, id_, PLAIN, created) == (id_, created, PLAIN)
    new = {**PLAIN, "labels": {"team": "b"}}
    assert gcp.changed(SECRET, PLAIN, new) == {"labels.team": "UPDATE"}
    updated = gcp.update(SECRET, id_, PLAIN, new, created)
    assert gcp.read(SECRET, id_, PLAIN, created) == (id_, updated, new)
    gcp.delete(SECRET, id_, new, updated)
    assert gcp.read(SECRET, id_, new, updated)[0] == ""
    gcp.delete(SECRET, id_, new, updated)
    with pytest.raises(CallFailedError, match="no longer there"):
        gcp.update(SECRET, id_, PLAIN, new, updated)
    gcp.create(SECRET, PLAIN)


def test_another_process_finds_what_one_has_made(gcp: Driver, recorded_state: Path) -> None:
    id_, created = gcp.create(SECRET, PLAIN)
    file = recorded_state / "recorded" / "gcp.json"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    other = Driver(provider("gcp"), {"project": "demo"})
    assert other.read(SECRET, id_, PLAIN, created)[0] == id_
    with pytest.raises(CallFailedError, match=f"409: {ID} exists already"):
        other.create(SECRET, PLAIN)


def test_calls_at_the_same_time_lose_nothing(recorded_state: Path) -> None:
    drivers = [Driver(provider("gcp"), {"project": "demo"}) for _ in range(2)]

    def create(number: int) -> None:
        drivers[number % 2].create(SECRET, {**PLAIN, "secretId": f"s{number}"})

    threads = [threading.Thread(target=create, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(json.loads((recorded_state / "recorded" / "gcp.json").read_text())[SECRET]) == 20


def test_drift_in_the_file_is_read_as_changed_inputs(gcp: Driver, recorded_state: Path) -> None:
    id_, created = gcp.create(SECRET, PLAIN)
    file = recorded_state / "recorded" / "gcp.json"
    recorded = json.loads(file.read_text())
    recorded[SECRET][id_]["inputs"]["labels"] = {"team": "other"}
    file.write_text(json.dumps(recorded))
    _, _, inputs = gcp.read(SECRET, id_, PLAIN, created)
    assert inputs == {**PLAIN, "labels": {"team": "other"}}


def test_a_damaged_file_is_not_taken_for_an_empty_cloud(gcp: Driver, recorded_state: Path) -> None:
    gcp.create(SECRET, PLAIN)
    (recorded_state / "recorded" / "gcp.json").write_text("{")
    with pytest.raises(CallFailedError, match="damaged"):
        gcp.create(SECRET, {**PLAIN, "secretId": "other"})


def test_without_a_stack_nothing_is_recorded(gcp: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRETS_BOOTSTRAP_STATE_DIR")
    with pytest.raises(CallFailedError, match="SECRETS_BOOTSTRAP_STATE_DIR is not set"):
        gcp.create(SECRET, PLAIN)


def test_values_are_never_recorded_and_stay_sealed(gcp: Driver, recorded_state: Path) -> None:
    gcp.create(SECRET, PLAIN)
    inputs = {"secret": ID, "secretData": Secret("hush")}
    id_, created = gcp.create(VERSION, inputs)
    assert created["secretData"] == Secret("hush")
    assert "hush" not in (recorded_state / "recorded" / "gcp.json").read_text()
    _, live, read = gcp.read(VERSION, id_, inputs, created)
    assert live["secretData"] == read["secretData"] == Secret("hush")


def test_a_preview_knows_what_is_given_and_nothing_else(azure: Driver) -> None:
    inputs: dict[str, Any] = {
        "resourceName": "prod",
        "resourceGroupName": "g",
        "location": "westeurope",
        "oidcIssuerProfile": {"enabled": True},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [UNKNOWN]},
    }
    _, planned = azure.create(CLUSTER, inputs, preview=True)
    assert planned["oidcIssuerProfile"] == {"enabled": True, "issuerURL": UNKNOWN}
    assert planned["identity"]["userAssignedIdentities"] is UNKNOWN
    assert planned["fqdn"] is UNKNOWN
    id_, state = azure.create(CLUSTER, {**inputs, "identity": {"type": "SystemAssigned"}})
    again = azure.update(CLUSTER, id_, inputs, {**inputs, "tags": {"a": "b"}}, state, preview=True)
    assert again["oidcIssuerProfile"] == state["oidcIssuerProfile"]
    assert again["fqdn"] == state["fqdn"]


def test_what_cannot_change_is_replaced_by_its_path(gcp: Driver) -> None:
    difference = gcp.diff(SECRET, PLAIN, {**PLAIN, "secretId": "other"})
    assert (list(difference.replaces), difference.deleteBeforeReplace) == (["secretId"], False)
    difference = gcp.diff(SECRET, PLAIN, {**PLAIN, "replication": {"userManaged": {"replicas": []}}})
    assert set(difference.replaces) == {"replication.auto"}
    assert difference.deleteBeforeReplace
