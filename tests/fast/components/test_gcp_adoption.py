"""Google Cloud: what is there already is adopted, and an environment's data goes as its profile says."""

from typing import Any

import pytest

from components.gcp.audit import LOG_TYPES, SERVICES
from tests.fast.components import samples_gcp
from tests.fast.components.mock_engine import Recording
from tests.fast.components.test_golden import run_stack

KEY, RING = "gcp:kms/cryptoKey:CryptoKey", "gcp:kms/keyRing:KeyRing"
KEY_GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
SECRET = "gcp:secretmanager/secret:Secret"
AUDIT = "gcp:projects/iAMAuditConfig:IAMAuditConfig"
KEYS = {
    "secrets": [samples_gcp.key_name("secrets")],
    "etcd": samples_gcp.key_name("etcd"),
    "tenants": [samples_gcp.key_name("tenants")],
}


def bootstrap(**changes: Any) -> Recording:
    return run_stack("gke", "platform", {"prod": samples_gcp.environment(**changes)})


def test_existing_keys_are_used_and_granted_to_the_service_agents_alone() -> None:
    recording = bootstrap(keys={"existing": KEYS})
    assert recording.of(KEY) == recording.of(RING) == []
    names = samples_gcp.NAMES
    assert {(one.inputs["cryptoKeyId"], one.inputs["member"]) for one in recording.of(KEY_GRANT)} == {
        (samples_gcp.key_name("secrets"), names.secret_manager_agent),
        (samples_gcp.key_name("tenants"), names.secret_manager_agent),
        (samples_gcp.key_name("etcd"), names.gke_agent),
    }
    assert recording.named("prod-cluster-gke").inputs["databaseEncryption"]["keyName"] == KEYS["etcd"]
    (replica,) = recording.named("prod-foundation-secrets-database").inputs["replication"]["userManaged"]["replicas"]
    assert replica["customerManagedEncryption"] == {"kmsKeyName": KEYS["secrets"][0]}


def test_one_existing_key_beside_new_ones() -> None:
    recording = bootstrap(keys={"existing": {"etcd": KEYS["etcd"]}})
    assert {one.inputs["name"] for one in recording.of(KEY)} == {"secrets", "tenants"}


def test_an_existing_container_is_left_alone_but_for_grants() -> None:
    recording = bootstrap(secrets={"database": {"existingId": "legacy"}})
    assert "legacy" not in {one.inputs["secretId"] for one in recording.of(SECRET)}
    for grant in ("prod-identity-reads-database", f"prod-foundation-secrets-database-writer-{samples_gcp.WRITER}"):
        assert recording.named(grant).inputs["secretId"] == "projects/example-prod/secrets/legacy"


def test_an_existing_service_account() -> None:
    email = "reader@example-shared.iam.gserviceaccount.com"
    recording = bootstrap(identity={"kind": "gkeServiceAccount", "serviceAccountEmail": email})
    assert [one.inputs["accountId"] for one in recording.of("gcp:serviceaccount/account:Account")] == [
        "platform-prod-nodes"
    ]
    user = recording.named("prod-identity-workload-identity-user")
    assert user.inputs["serviceAccountId"] == f"projects/example-shared/serviceAccounts/{email}"
    assert recording.named("prod-identity-reads-database").inputs["member"] == f"serviceAccount:{email}"


def test_existing_access_logs() -> None:
    recording = bootstrap(audit={"existing": True})
    assert recording.of(AUDIT) == []
    assert "auditBucket" not in (recording.named("prod").outputs or {})


def test_access_logs_are_switched_on_for_both_services() -> None:
    recording = bootstrap()
    assert {
        (one.inputs["service"], tuple(log["logType"] for log in one.inputs["auditLogConfigs"]))
        for one in recording.of(AUDIT)
    } == {(service, LOG_TYPES) for service in SERVICES}
    sink, bucket = recording.named("prod-foundation-audit-sink"), recording.named("prod-foundation-audit-bucket")
    place = "projects/example-prod/locations/europe-west1/buckets/platform-prod-audit"
    assert sink.inputs["destination"] == f"logging.googleapis.com/{place}"
    assert (bucket.inputs["location"], bucket.inputs["bucketId"]) == ("europe-west1", "platform-prod-audit")
    assert (recording.named("prod").outputs or {})["auditBucket"] == place


def test_a_service_account_of_its_own_for_the_store() -> None:
    reference = {"namespace": "external-secrets", "name": "store"}
    recording = bootstrap(identity={"kind": "gkePrincipal", "serviceAccountRef": reference})
    assert recording.named("prod-identity-reads-database").inputs["member"].endswith("/ns/external-secrets/sa/store")
    assert recording.named("prod-bootstrap-operator-token").inputs["rules"][0]["resourceNames"] == ["store"]


def test_two_regions_have_keys_of_their_own() -> None:
    recording = bootstrap(replicaLocations=["europe-west1", "europe-west4"])
    assert {(one.inputs["location"], one.inputs["name"]) for one in recording.of(RING)} == {
        ("europe-west1", "platform-prod"),
        ("europe-west4", "platform-prod"),
    }
    replicas = recording.named("prod-foundation-secrets-tenants/acme").inputs["replication"]["userManaged"]["replicas"]
    assert {one["location"]: one["customerManagedEncryption"]["kmsKeyName"] for one in replicas} == {
        region: f"projects/example-prod/locations/{region}/keyRings/platform-prod/cryptoKeys/tenants"
        for region in ("europe-west1", "europe-west4")
    }
    # GKE's key lies in the cluster's region alone.
    assert len([one for one in recording.of(KEY) if one.inputs["name"] == "etcd"]) == 1


def test_automatic_replication_has_global_keys() -> None:
    recording = bootstrap(replicaLocations=["global"])
    (encryption,) = recording.named("prod-foundation-secrets-database").inputs["replication"]["auto"].values()
    assert (
        encryption["kmsKeyName"] == "projects/example-prod/locations/global/keyRings/platform-prod/cryptoKeys/secrets"
    )
    assert "/locations/europe-west1/" in recording.named("prod-cluster-gke").inputs["databaseEncryption"]["keyName"]


@pytest.mark.parametrize("profile", ["durable", "ephemeral"])
def test_deletion_profiles(profile: str) -> None:
    recording = bootstrap(deletionProfile=profile)
    durable = profile == "durable"
    cluster = recording.named("prod-cluster-gke")
    data = [*recording.of(SECRET), *recording.of(KEY), recording.named("prod-foundation-audit-bucket"), cluster]
    assert all(one.protect == durable for one in data)
    assert {one.inputs["deletionProtection"] for one in [*recording.of(SECRET), cluster]} == {durable}
    assert {one.inputs["destroyScheduledDuration"] for one in recording.of(KEY)} == {
        "2592000s" if durable else "86400s"
    }
    assert {one.inputs.get("versionDestroyTtl") for one in recording.of(SECRET)} == {"2592000s" if durable else None}


def test_rings_stay_and_no_key_is_replaced_for_another_window() -> None:
    recording = bootstrap(deletionProfile="ephemeral")
    assert {one.name for one in recording.resources.values() if one.retained} == {
        one.name for one in recording.of(RING)
    }
    assert all("destroyScheduledDuration" in one.ignored for one in recording.of(KEY))


def test_lifetimes_that_are_chosen() -> None:
    recording = bootstrap(keys={"rotationDays": 2, "deletionWindowDays": 3}, secretRecoveryDays=4)
    key = recording.of(KEY)[0]
    assert (key.inputs["rotationPeriod"], key.inputs["destroyScheduledDuration"]) == ("172800s", "259200s")
    assert recording.of(SECRET)[0].inputs["versionDestroyTtl"] == "345600s"


def test_an_environment_that_is_made_again() -> None:
    recording = bootstrap(suffix="2")
    assert {one.inputs["name"] for one in recording.of(RING)} == {"platform-prod-2"}
    assert recording.named("prod-foundation-audit-bucket").inputs["bucketId"] == "platform-prod-2-audit"


def test_a_public_api_is_open_to_the_named_networks_alone() -> None:
    private = bootstrap().named("prod-cluster-gke")
    assert private.inputs["privateClusterConfig"] == {"enablePrivateEndpoint": True, "enablePrivateNodes": True}
    cidrs = {**samples_gcp.CLUSTER, "publicAccessCidrs": ["203.0.113.0/24"]}
    public = bootstrap(cluster=cidrs).named("prod-cluster-gke")
    assert public.inputs["privateClusterConfig"] == {"enablePrivateEndpoint": False, "enablePrivateNodes": True}
    networks = public.inputs["masterAuthorizedNetworksConfig"]
    assert networks == {"cidrBlocks": [{"cidrBlock": "203.0.113.0/24"}], "gcpPublicCidrsAccessEnabled": False}
