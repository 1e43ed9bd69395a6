"""Foundation and cluster apart: the second stack takes from the first what a single stack would have made itself."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.output import Unknown

from components import ConfigError, parse_config
from stacks.foundation import foundation_environment
from tests.fast.components import samples
from tests.fast.components.mock_engine import Recording, run
from tests.fast.components.test_golden import CLUSTERS, machine, run_stack  # noqa: F401 - a fixture

STACK = "organization/secrets-bootstrap/foundation"
REFERENCES = {
    "region": "eu-west-1",
    "accountId": samples.ACCOUNT,
    "secretsKeyArn": samples.KEY_ARN.replace("0f0f", "aaaa"),
    "etcdKeyArn": samples.KEY_ARN.replace("0f0f", "bbbb"),
    "tenantsKeyArn": samples.KEY_ARN.replace("0f0f", "cccc"),
    "secretPrefix": "platform/prod/",
    "deployPublicKey": "ssh-ed25519 AAAA mock",
}
FOUNDATION = ("AwsFoundation", "AwsEnvironmentKeys", "AwsSecretStore", "AwsDeployKey", "AwsNodeEncryption")


def environments(topology: str, identity: str = "irsa") -> dict[str, Any]:
    return {"prod": samples.environment(cluster=CLUSTERS[topology], identity={"kind": identity})}


def cluster_stack(
    topology: str, *, identity: str = "irsa", preview: bool = False, exported: dict[str, Any] | None = None
) -> Recording:
    """The second stack. Without `exported`, the outputs of the first one are unknown."""
    there = {STACK: {"outputs": {"environments": exported}, "secretOutputNames": []}} if exported is not None else {}
    chosen = environments(topology, identity)
    return run_stack(topology, "platform", chosen, preview=preview, foundation_stack=STACK, there=there)


def shape(recording: Recording) -> set[tuple[str, str]]:
    return {(one.token, one.name) for one in recording.resources.values()}


@pytest.mark.parametrize("identity", ["irsa", "podIdentity"])
@pytest.mark.parametrize("topology", CLUSTERS)
def test_the_two_stacks_together_make_what_one_makes(topology: str, identity: str) -> None:
    single = run_stack(topology, "platform", environments(topology, identity))
    first = run_stack("foundation", "platform", environments(topology, identity))
    second = cluster_stack(topology, identity=identity, exported={"prod": REFERENCES})
    shared = {("pulumi:providers:aws", "prod-aws")}
    trail = {one for one in shape(first) if one[1].startswith("audit-")}
    assert trail
    assert shape(first) | shape(second) == shape(single) | trail
    assert shape(first) & shape(second) == shared
    owned = {token.rpartition(":")[2] for token, _ in shape(first)}
    assert owned >= set(FOUNDATION) - ({"AwsNodeEncryption"} if topology == "eks" else set())


def test_the_first_stack_exports_what_the_second_one_reads() -> None:
    exported: dict[str, Any] = {}

    def program() -> None:
        config = parse_config({"prefix": "platform", "environments": environments("local")})
        references = foundation_environment("prod", config, aws.Provider("aws"))
        pulumi.Output.all(**references).apply(exported.update)

    run(program)
    assert exported.keys() == REFERENCES.keys()
    assert "(made by the mock)" not in json.dumps(exported)
    cluster_stack("local", exported={"prod": exported})


def test_the_key_is_wired_into_the_cluster() -> None:
    recording = cluster_stack("eks", exported={"prod": REFERENCES})
    (cluster,) = recording.of("aws:eks/cluster:Cluster")
    assert cluster.inputs["encryptionConfig"]["provider"]["keyArn"] == REFERENCES["etcdKeyArn"]
    policy = recording.named("prod-identity-policy").inputs["policy"]
    assert REFERENCES["secretsKeyArn"] in policy
    assert REFERENCES["tenantsKeyArn"] in policy


def test_a_self_managed_cluster_gets_its_key_and_its_nodes_role() -> None:
    (cluster,) = cluster_stack("local", exported={"prod": REFERENCES}).of("localcloud:index:Cluster")
    assert REFERENCES["etcdKeyArn"] in cluster.inputs["kmsPlugin"]
    assert cluster.inputs["nodeRoleArn"] == f"arn:aws:iam::{samples.ACCOUNT}:role/platform-prod-node"


@pytest.mark.parametrize("identity", ["irsa", "podIdentity"])
@pytest.mark.parametrize("topology", CLUSTERS)
def test_a_preview_knows_every_resource_before_the_first_stack_has_run(topology: str, identity: str) -> None:
    unknown = cluster_stack(topology, identity=identity, preview=True)
    assert shape(unknown) == shape(cluster_stack(topology, identity=identity, exported={"prod": REFERENCES}))


def test_a_preview_works_while_the_clusters_kubeconfig_is_unknown() -> None:
    recording = cluster_stack("eks", preview=True, exported={"prod": REFERENCES})
    assert isinstance(recording.named("prod-cluster-kubernetes").inputs["kubeconfig"], Unknown)
    assert recording.of("kubernetes:external-secrets.io/v1:ExternalSecret")
    assert recording.reads == [("pulumi:pulumi:StackReference", STACK)]


def test_the_shipped_stacks_agree() -> None:
    first, second = (samples.stack_config(stack) for stack in ("eks-foundation", "eks-cluster"))
    single = samples.stack_config("eks")
    for key in ("secrets-bootstrap:prefix", "secrets-bootstrap:environments"):
        assert first[key] == second[key] == single[key]
    assert first["secrets-bootstrap:topology"] == "foundation"
    assert second["secrets-bootstrap:foundationStack"].endswith("/eks-foundation")


@pytest.mark.parametrize(
    ("exported", "field"),
    [
        ({}, "environments.prod"),
        ({"prod": {**REFERENCES, "region": "eu-west-2"}}, "foundation.region"),
        ({"prod": {**REFERENCES, "accountId": "210987654321"}}, "foundation.accountId"),
        ({"prod": {**REFERENCES, "secretPrefix": "other/prod/"}}, "foundation.secretPrefix"),
        ({"prod": {key: one for key, one in REFERENCES.items() if key != "etcdKeyArn"}}, "foundation.etcdKeyArn"),
        (
            {"prod": {key: one for key, one in REFERENCES.items() if key != "deployPublicKey"}},
            "foundation.deployPublic",
        ),
    ],
)
def test_another_foundation_is_refused(exported: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        cluster_stack("eks", exported=exported)
