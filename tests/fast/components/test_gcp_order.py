"""Order on Google Cloud: no key is used before its grant, and nobody is granted anything before the pool is there."""

from itertools import pairwise

import pytest

from tests.fast.components import samples_gcp
from tests.fast.components.mock_engine import Recording
from tests.fast.components.test_golden import run_stack

SECRET, GRANT = "gcp:secretmanager/secret:Secret", "gcp:secretmanager/secretIamMember:SecretIamMember"
KEY_GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
# Each is made only after the one before it.
FLOW = (
    "prod-foundation-keys-etcd-europe-west1",
    "prod-foundation-keys-etcd-europe-west1-agent",
    "prod-cluster-gke",
    "prod-cluster-nodes",
    "prod-bootstrap-operator-crds",
    "prod-bootstrap-operator-controller",
    "prod-bootstrap-store-store",
    "prod-bootstrap-first-sync-push",
    "prod-bootstrap-first-sync-external-secret",
    "prod-bootstrap-argocd-repository-platform",
)


def gke(identity: str) -> Recording:
    return run_stack("gke", "platform", {"prod": samples_gcp.environment(identity={"kind": identity})})


@pytest.fixture(scope="module", params=samples_gcp.IDENTITIES)
def recording(request: pytest.FixtureRequest) -> Recording:
    return gke(request.param)


def test_the_whole_flow(recording: Recording) -> None:
    made = [recording.named(name) for name in FLOW]
    for earlier, later in pairwise(made):
        assert recording.needs(later, earlier), f"{later.name} does not wait for {earlier.name}"


def test_service_agents_exist_before_they_are_granted_a_key(recording: Recording) -> None:
    for role, agent in (("etcd", "gke"), ("secrets", "secret-manager"), ("tenants", "secret-manager")):
        grant = recording.named(f"prod-foundation-keys-{role}-europe-west1-agent")
        assert recording.needs(grant, recording.named(f"prod-foundation-keys-{agent}-agent"))


def test_containers_wait_for_the_grants_and_for_the_logs(recording: Recording) -> None:
    for container in recording.of(SECRET):
        for role in ("secrets", "tenants"):
            assert recording.needs(container, recording.named(f"prod-foundation-keys-{role}-europe-west1-agent"))
        assert recording.needs(container, recording.named("prod-foundation-audit-secretmanager.googleapis.com"))
        assert recording.needs(container, recording.named("prod-foundation-audit-sink"))


def test_the_deploy_keys_value_waits_for_the_deployers_grants(recording: Recording) -> None:
    value = recording.named("prod-foundation-deploy-key-value")
    for what in ("manager", "reader"):
        assert recording.needs(value, recording.named(f"prod-foundation-deploy-key-{what}-{samples_gcp.DEPLOYER}"))


def test_the_pool_is_there_before_its_members_are_named(recording: Recording) -> None:
    cluster = recording.named("prod-cluster-gke")
    named = [one for one in recording.resources.values() if "svc.id.goog" in str(one.inputs.get("member"))]
    assert named
    assert all(recording.needs(one, cluster) for one in named)


def test_the_operator_starts_when_all_its_grants_are_there(recording: Recording) -> None:
    controller = recording.named("prod-bootstrap-operator-controller")
    grants = [one for one in recording.of(GRANT) if one.name.startswith("prod-identity-")]
    assert len(grants) == 6  # four containers, and two more on the canary
    assert all(recording.needs(controller, grant) for grant in grants)


def test_the_nodes_account_has_its_role_before_the_cluster(recording: Recording) -> None:
    assert recording.needs(recording.named("prod-cluster-gke"), recording.named("prod-cluster-nodes-role"))


def test_the_kubernetes_service_account_may_impersonate_before_the_operator_starts() -> None:
    recording = gke("gkeServiceAccount")
    user = recording.named("prod-identity-workload-identity-user")
    assert recording.needs(recording.named("prod-bootstrap-operator-controller"), user)


def test_each_environment_goes_through_its_own_providers() -> None:
    environments = {"prod": samples_gcp.environment(), "nonprod": samples_gcp.other_environment()}
    recording = run_stack("gke", "platform", environments)
    for one in recording.resources.values():
        if one.token.startswith(("kubernetes:", "gcp:")):
            environment = one.name.split("-")[0]
            (provider,) = recording.provider_names(one)
            assert provider.startswith(f"{environment}-"), one.name
    assert recording.named("nonprod-gcp").inputs["project"] == "example-nonprod"
