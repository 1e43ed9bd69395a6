"""What the recorded Google Cloud refuses, each beside what it takes, and what a deletion leaves."""

import pytest

from bootstrap.providers.properties import Properties
from tests.fast.providers.driver import CallFailedError, Driver

RING, KEY = "gcp:kms/keyRing:KeyRing", "gcp:kms/cryptoKey:CryptoKey"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
SECRET, SECRET_MEMBER = "gcp:secretmanager/secret:Secret", "gcp:secretmanager/secretIamMember:SecretIamMember"
AGENT, CLUSTER = "gcp:projects/serviceIdentity:ServiceIdentity", "gcp:container/cluster:Cluster"
NODES = "gcp:container/nodePool:NodePool"
ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
LOCATION = "projects/demo/locations/europe-west1"
KEY_ID = f"{LOCATION}/keyRings/ring/cryptoKeys/key"
PLAIN: Properties = {"secretId": "database", "replication": {"auto": {}}}
REPLICA = {"location": "europe-west1", "customerManagedEncryption": {"kmsKeyName": KEY_ID}}
ENCRYPTED: Properties = {"secretId": "database", "replication": {"userManaged": {"replicas": [REPLICA]}}}
BARE: Properties = {"name": "prod", "location": "europe-west1"}
GKE: Properties = {
    **BARE,
    "databaseEncryption": {"state": "ENCRYPTED", "keyName": KEY_ID},
    "workloadIdentityConfig": {"workloadPool": "demo.svc.id.goog"},
    "deletionProtection": False,
}


def key(gcp: Driver) -> str:
    ring, _ = gcp.create(RING, {"name": "ring", "location": "europe-west1"})
    return gcp.create(KEY, {"name": "key", "keyRing": ring})[0]


def grant(gcp: Driver, service: str, key_id: str = KEY_ID) -> None:
    _, agent = gcp.create(AGENT, {"service": service})
    gcp.create(KEY_MEMBER, {"cryptoKeyId": key_id, "role": ENCRYPTER, "member": agent["member"]})


@pytest.mark.parametrize(
    ("token", "inputs", "service"),
    [(SECRET, ENCRYPTED, "secretmanager.googleapis.com"), (CLUSTER, GKE, "container.googleapis.com")],
)
def test_a_key_is_used_only_after_the_services_agent_was_granted_it(
    gcp: Driver, token: str, inputs: Properties, service: str
) -> None:
    with pytest.raises(CallFailedError, match=r"404: key .* does not exist"):
        gcp.create(token, inputs)
    ring = key(gcp).rsplit("/cryptoKeys/", 1)[0]
    grant(gcp, "logging.googleapis.com")
    grant(gcp, service, gcp.create(KEY, {"name": "other", "keyRing": ring})[0])
    with pytest.raises(CallFailedError, match=r"403: the service agent .* has no roles/cloudkms"):
        gcp.create(token, inputs)
    grant(gcp, service)
    gcp.create(token, inputs)


def test_a_key_lies_where_it_is_used(gcp: Driver) -> None:
    key(gcp)
    grant(gcp, "secretmanager.googleapis.com")
    automatic = {"auto": {"customerManagedEncryption": {"kmsKeyName": KEY_ID}}}
    for replication in (automatic, {"userManaged": {"replicas": [{**REPLICA, "location": "europe-west4"}]}}):
        with pytest.raises(CallFailedError, match=r"is not in (global|europe-west4)"):
            gcp.create(SECRET, {"secretId": "database", "replication": replication})
    gcp.create(SECRET, ENCRYPTED)


def test_a_zonal_cluster_takes_a_key_of_its_region(gcp: Driver) -> None:
    key(gcp)
    grant(gcp, "container.googleapis.com")
    gcp.create(CLUSTER, {**GKE, "location": "europe-west1-b"})


def test_an_agent_exists_after_its_identity_was_asked_for(gcp: Driver) -> None:
    key(gcp)
    member = "serviceAccount:service-1@gcp-sa-secretmanager.iam.gserviceaccount.com"
    inputs = {"cryptoKeyId": KEY_ID, "role": ENCRYPTER, "member": member}
    with pytest.raises(CallFailedError, match="400: the service agent"):
        gcp.create(KEY_MEMBER, inputs)
    gcp.create(AGENT, {"service": "secretmanager.googleapis.com"})
    gcp.create(KEY_MEMBER, inputs)


@pytest.mark.parametrize(
    "member",
    [
        "serviceAccount:demo.svc.id.goog[eso/eso]",
        "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/demo.svc.id.goog/subject/ns/a/sa/b",
    ],
)
def test_the_identity_pool_comes_with_the_first_cluster(gcp: Driver, member: str) -> None:
    inputs = {"secretId": "database", "role": "roles/secretmanager.secretAccessor", "member": member}
    gcp.create(SECRET, PLAIN)
    with pytest.raises(CallFailedError, match=r"identity pool demo\.svc\.id\.goog does not exist"):
        gcp.create(SECRET_MEMBER, inputs)
    gcp.create(CLUSTER, {key: value for key, value in GKE.items() if key != "databaseEncryption"})
    gcp.create(SECRET_MEMBER, inputs)


def test_a_member_needs_its_secret_and_may_be_added_twice(gcp: Driver) -> None:
    inputs = {"secretId": "projects/demo/secrets/database", "role": "r", "member": "group:a@example.com"}
    with pytest.raises(CallFailedError, match=r"404: secret .* does not exist"):
        gcp.create(SECRET_MEMBER, inputs)
    secret, _ = gcp.create(SECRET, PLAIN)
    id_, _ = gcp.create(SECRET_MEMBER, inputs)
    assert gcp.create(SECRET_MEMBER, inputs)[0] == id_
    gcp.delete(SECRET, secret, PLAIN)
    assert gcp.read(SECRET_MEMBER, id_, inputs)[0] == ""  # it went with the secret


def test_rings_and_keys_are_never_gone_and_never_made_again(gcp: Driver) -> None:
    id_ = key(gcp)
    inputs = {"name": "key", "keyRing": id_.rsplit("/cryptoKeys/", 1)[0]}
    gcp.delete(KEY, id_, inputs)
    gcp.delete(RING, inputs["keyRing"], {"name": "ring", "location": "europe-west1"})
    for token, made in ((RING, {"name": "ring", "location": "europe-west1"}), (KEY, inputs)):
        with pytest.raises(CallFailedError, match=r"409: .* left by a deletion: import it"):
            gcp.create(token, made)
    assert gcp.read(KEY, id_)[0] == id_  # so that it can be imported


@pytest.mark.parametrize(
    ("token", "protected", "free"),
    [
        (SECRET, {**PLAIN, "deletionProtection": True}, {**PLAIN, "deletionProtection": False}),
        (SECRET, {**PLAIN, "deletionPolicy": "PREVENT"}, PLAIN),
        (CLUSTER, BARE, {**BARE, "deletionProtection": False}),
    ],
)
def test_what_is_protected_must_be_updated_before_it_is_deleted(
    gcp: Driver, token: str, protected: Properties, free: Properties
) -> None:
    id_, state = gcp.create(token, protected)
    with pytest.raises(CallFailedError, match="it is protected"):
        gcp.delete(token, id_, protected, state)
    gcp.update(token, id_, protected, free, state)
    gcp.delete(token, id_, free)
    gcp.create(token, free)


def test_what_is_abandoned_stays(gcp: Driver) -> None:
    inputs = {**PLAIN, "deletionPolicy": "ABANDON"}
    id_, _ = gcp.create(SECRET, inputs)
    gcp.delete(SECRET, id_, inputs)
    assert gcp.read(SECRET, id_, inputs)[0] == id_


def test_a_node_pool_needs_its_cluster_and_no_name(gcp: Driver) -> None:
    with pytest.raises(CallFailedError, match="404: cluster"):
        gcp.create(NODES, {"cluster": f"{LOCATION}/clusters/prod"})
    cluster, _ = gcp.create(CLUSTER, BARE)
    id_, state = gcp.create(NODES, {"cluster": cluster})
    assert id_ == f"{cluster}/nodePools/{state['name']}"


def test_a_log_bucket_keeps_its_name(gcp: Driver) -> None:
    inputs = {"project": "demo", "location": "europe-west1", "bucketId": "audit"}
    token = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
    id_, _ = gcp.create(token, inputs)
    gcp.delete(token, id_, inputs)
    assert gcp.read(token, id_, inputs)[0] == ""
    with pytest.raises(CallFailedError, match="its name is still taken"):
        gcp.create(token, inputs)
