"""The shipped GKE topology on the real engine and a recorded Google Cloud: preview, up, drift, update and destroy."""

from typing import Any

import pytest

from tests.engine.recorded_stack import RecordedStack, count

SECRET, MEMBER = "gcp:secretmanager/secret:Secret", "gcp:secretmanager/secretIamMember:SecretIamMember"
CLUSTER = "gcp:container/cluster:Cluster"
PROD, NONPROD = "example-platform-prod", "example-platform-nonprod"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> RecordedStack:
    return RecordedStack.prepare("gke", "gcp", tmp_path_factory.mktemp("gke"))


@pytest.fixture(scope="module")
def planned(fresh: RecordedStack) -> list[dict[str, Any]]:
    """Of an empty project: nothing is there."""
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


def test_everything_in_the_cloud_comes_up_in_an_order_that_google_takes(stack: RecordedStack) -> None:
    """The recorded cloud refuses a secret or cluster before the grant of its key, and a principal before its pool."""
    objects = stack.objects()
    clusters = {id_: one["inputs"] for id_, one in objects.items() if one["type"] == CLUSTER}
    assert {one["databaseEncryption"]["keyName"].rsplit("/", 1)[-1] for one in clusters.values()} == {"etcd"}
    for project, kind in ((PROD, "principal://"), (NONPROD, "serviceAccount:")):
        readers = {
            one["inputs"]["member"]
            for id_, one in objects.items()
            if one["type"] == MEMBER and f"projects/{project}/" in id_ and one["inputs"]["role"].endswith("Accessor")
        }
        assert any(reader.startswith(kind) for reader in readers)


def test_drift_is_seen_and_repaired_and_an_update_touches_one_secret(stack: RecordedStack) -> None:
    def drift(recorded: dict[str, dict[str, Any]]) -> None:
        lost = next(id_ for id_ in recorded[MEMBER] if PROD in id_ and "principal://" in id_ and "--database/" in id_)
        del recorded[MEMBER][lost]
        cluster = next(one for id_, one in recorded[CLUSTER].items() if PROD in id_)
        cluster["inputs"]["databaseEncryption"]["state"] = "DECRYPTED"

    stack.edit(drift)
    assert sorted(stack.changes("refresh").values()) == ["delete", "update"]

    stack.configure("nonprod", lambda config: config["secrets"]["database"].update(description="changed"))
    changed = stack.changes("up")
    assert changed.pop("prod-cluster-gke") == "update"
    assert changed.pop("nonprod-foundation-secrets-database") == "update"
    assert list(changed.values()) == ["create"]
    assert stack.changes("up") == {}


def test_a_destroy_leaves_what_is_protected_and_what_google_never_deletes(stack: RecordedStack) -> None:
    stack.changes("destroy", "--exclude-protected")
    objects = stack.objects()
    left = {one["type"] for id_, one in objects.items() if NONPROD in id_}
    assert left == {
        "gcp:kms/keyRing:KeyRing",
        "gcp:kms/cryptoKey:CryptoKey",
        "gcp:projects/serviceIdentity:ServiceIdentity",
        "gcp:logging/projectBucketConfig:ProjectBucketConfig",
    }
    kept = {one["type"] for id_, one in objects.items() if PROD in id_ and "left" not in one}
    assert {CLUSTER, SECRET, "gcp:kms/cryptoKey:CryptoKey"} <= kept
