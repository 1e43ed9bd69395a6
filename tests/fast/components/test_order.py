"""Order is the point: each step is made only after the one it rests on."""

from itertools import pairwise

import pytest

from components import (
    NamespaceSecretStore,
    NamespaceSecretStoreArgs,
    SecretsBootstrap,
    SecretsBootstrapArgs,
    ServiceAccountRef,
    parse_config,
)
from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording, run
from tests.fast.components.test_golden import CLUSTERS, machine, run_stack  # noqa: F401 - a fixture

BEFORE_THE_CLUSTER = (
    "keys-secrets",
    "keys-etcd",
    "secrets-canary",
    "secrets-database-policy",
    "encryption-node-policy",
)
# Each is made only after the one before it.
AFTER_THE_CLUSTER = (
    "prod-cluster",
    "prod-bootstrap-operator-crds",
    "prod-bootstrap-operator-controller",
    "prod-bootstrap-store-store",
    "prod-bootstrap-first-sync-push",
    "prod-bootstrap-first-sync-external-secret",
    "prod-bootstrap-argocd-repository-platform",
)


def local(identity: str) -> Recording:
    environment = samples.environment(cluster=CLUSTERS["local"], identity={"kind": identity})
    return run_stack("local", "platform", {"prod": environment})


@pytest.mark.parametrize("identity", ["irsa", "podIdentity"])
def test_the_whole_flow(identity: str) -> None:
    recording = local(identity)
    cluster = recording.named("prod-cluster")
    for earlier in BEFORE_THE_CLUSTER:
        assert recording.needs(cluster, recording.named(f"prod-foundation-{earlier}")), earlier
    for earlier, later in pairwise(AFTER_THE_CLUSTER):
        assert recording.needs(recording.named(later), recording.named(earlier)), f"{later} does not wait for {earlier}"
    controller = recording.named("prod-bootstrap-operator-controller")
    assert recording.needs(controller, recording.named("prod-identity-policy"))


def test_the_deploy_key_is_never_without_its_policy() -> None:
    recording = local("irsa")
    policy = recording.named("prod-foundation-secrets-argocd/platform-policy")
    assert recording.needs(recording.named("prod-foundation-deploy-key-value"), policy)


def test_the_association_is_there_before_the_operators_pod() -> None:
    recording = local("podIdentity")
    association = recording.named("prod-identity-association")
    # An association takes some seconds to reach the webhook that admits pods: the definitions are installed meanwhile.
    assert recording.needs(recording.named("prod-bootstrap-operator-crds"), association)
    assert recording.needs(recording.named("prod-bootstrap-operator-controller"), association)


def test_the_operators_permissions_are_there_before_its_pod() -> None:
    recording = local("irsa")
    controller = recording.named("prod-bootstrap-operator-controller")
    bindings = [one for one in recording.resources.values() if one.token.endswith("Binding")]
    assert len(bindings) == 7
    assert all(recording.needs(controller, binding) for binding in bindings)


def test_a_store_waits_until_tokens_may_be_minted_for_it() -> None:
    def program() -> None:
        account = ServiceAccountRef(namespace="apps", name="reader")
        arguments = NamespaceSecretStoreArgs(
            namespace="apps", store_name="team", store=samples.STORE, identity=samples.irsa(account=account)
        )
        NamespaceSecretStore("it", arguments)

    recording = run(program)
    assert recording.needs(recording.named("it-store"), recording.named("it-token-binding"))


def test_eks_is_created_with_the_key_and_reached_only_when_it_can_be() -> None:
    environment = samples.environment(cluster=CLUSTERS["eks"], identity={"kind": "podIdentity"})
    recording = run_stack("eks", "platform", {"prod": environment})
    cluster = recording.named("prod-cluster-eks")
    key = recording.named("prod-foundation-keys-etcd")
    assert cluster.inputs["encryptionConfig"]["resources"] == ["secrets"]
    assert key.urn in cluster.dependencies
    first = recording.named("prod-bootstrap-operator-namespace")
    for name in ("prod-cluster-access-deployer-admin", "prod-cluster-nodes", "prod-cluster-pod-identity-agent"):
        token = "aws:eks/nodeGroup:NodeGroup" if name == "prod-cluster-nodes" else None
        assert recording.needs(first, recording.named(name, token)), name


def test_every_cluster_object_goes_through_the_clusters_own_provider() -> None:
    environments = {
        "prod": samples.environment(),
        "nonprod": samples.environment(identity={"kind": "podIdentity"}),
    }
    recording = run_stack("local", "platform", environments)
    for one in recording.resources.values():
        if one.token.startswith("kubernetes:") or one.token.startswith("aws:"):
            environment = one.name.split("-")[0]
            (provider,) = recording.provider_names(one)
            assert provider.startswith(f"{environment}-"), one.name


def test_references_hold_no_value() -> None:
    config = parse_config(samples.configuration())
    made: list[SecretsBootstrap] = []

    def program() -> None:
        arguments = SecretsBootstrapArgs(
            names=config.names("prod"),
            environment=config.environments["prod"],
            create_cluster=samples.create_cluster(),
        )
        made.append(SecretsBootstrap("prod", arguments))

    recording = run(program)
    outputs = recording.named("prod").outputs or {}
    assert "privateKey" not in str(outputs)
    assert "(made by the mock)" not in str(outputs)
    assert outputs["argocd"] == {"namespace": "argocd", "repositorySecret": "repository-platform"}
    assert outputs["canarySecret"] == "platform/prod/canary"
