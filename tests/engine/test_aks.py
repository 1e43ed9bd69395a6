"""The shipped AKS topology on the real engine and a recorded Azure: preview, up, drift, update and destroy."""

from typing import Any

import pytest

from tests.engine.recorded_stack import RecordedStack, count

VAULT, KEY = "azure-native:keyvault:Vault", "azure-native:keyvault:Key"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
CLUSTER = "azure-native:containerservice:ManagedCluster"
PROD, NONPROD = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> RecordedStack:
    return RecordedStack.prepare("aks", "azure-native", tmp_path_factory.mktemp("aks"))


@pytest.fixture(scope="module")
def planned(fresh: RecordedStack) -> list[dict[str, Any]]:
    """Of an empty subscription: nothing is there."""
    return fresh.preview()


@pytest.fixture(scope="module")
def stack(fresh: RecordedStack, planned: list[dict[str, Any]]) -> RecordedStack:
    """With everything in the cloud; the clusters stay empty."""
    assert set(fresh.changes("up").values()) == {"create"}
    return fresh


def test_the_whole_topology_is_planned_although_nothing_is_there(planned: list[dict[str, Any]]) -> None:
    types = count(planned)
    assert types[CLUSTER] == 2
    assert types["kubernetes:helm.sh/v3:Release"] == 4
    assert types["kubernetes:external-secrets.io/v1:ClusterSecretStore"] == 2
    assert types["kubernetes:external-secrets.io/v1:ExternalSecret"] == 4


def test_everything_in_the_cloud_comes_up_in_an_order_that_azure_takes(stack: RecordedStack) -> None:
    """The recorded cloud refuses a cluster before the grant of its key, and a grant before what it is on."""
    objects = stack.objects()
    issuers = {one["outputs"]["oidcIssuerProfile"]["issuerURL"] for one in objects.values() if one["type"] == CLUSTER}
    trusted = {one["inputs"]["issuer"] for one in objects.values() if one["type"] == CREDENTIAL}
    assert len(issuers) == 2
    assert trusted == issuers


def test_drift_is_seen_and_repaired_and_an_update_touches_one_cluster(stack: RecordedStack) -> None:
    def drift(recorded: dict[str, dict[str, Any]]) -> None:
        lost = next(id_ for id_ in recorded[ASSIGNMENT] if PROD in id_ and "/secrets/canary/" in id_)
        del recorded[ASSIGNMENT][lost]
        vault = recorded[VAULT][next(id_ for id_ in recorded[VAULT] if id_.endswith("/platform-prod-secrets"))]
        vault["inputs"]["properties"]["enableRbacAuthorization"] = False

    stack.edit(drift)
    assert sorted(stack.changes("refresh").values()) == ["delete", "update"]

    stack.configure("nonprod", lambda config: config["cluster"].update(nodes=5))
    changed = stack.changes("up")
    assert changed.pop("nonprod-cluster-aks") == "update"
    assert sorted(changed.values()) == ["create", "update"]
    assert stack.changes("up") == {}


def test_a_destroy_leaves_what_is_protected_and_names_that_stay_taken(stack: RecordedStack) -> None:
    stack.changes("destroy", "--exclude-protected")
    objects = stack.objects()
    left = {one["type"]: one.get("left") for id_, one in objects.items() if NONPROD in id_}
    assert left == {VAULT: "name", "azure-native:operationalinsights:Workspace": "name"}
    kept = {one["type"] for id_, one in objects.items() if PROD in id_ and "left" not in one}
    assert {CLUSTER, VAULT, KEY} <= kept
