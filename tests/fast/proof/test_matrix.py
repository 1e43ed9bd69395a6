"""The offline matrix: right for every topology as it is shipped, of one stack or of two."""

from functools import cache
from typing import Any

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.proof.offline import kubernetes
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from tests.fast.proof.mutations import KEY, changed, mutated, policy, shipped, statement, wrong
from tests.fast.proof.topologies import TOPOLOGIES, documents

_JUDGES = {
    "local": ("iam-simulate",),
    "local-teams": ("iam-simulate",),
    "eks": ("iam-simulate",),
    "self-managed": ("iam-simulate",),
    "gke": ("role grants", "workload identity"),
    "aks": ("role grants", "federated credentials"),
    "local-vault": ("Vault",),
}
READER = "arn:aws:iam::111122223333:role/migrations"
CONTAINER = "aws:secretsmanager/secretPolicy:SecretPolicy"


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_every_topology_allows_what_it_should_and_nothing_else(topology: str) -> None:
    rows = matrix(shipped(topology))
    assert [row for row in rows if not row.right] == []
    for judge in (*_JUDGES[topology], "RBAC", "store conditions"):
        verdicts = [row.allowed for row in rows if row.judge.startswith(judge)]
        assert set(verdicts) == {True, False}, judge
    for environment in shipped(topology).environments:
        own = {row.question.action for row in rows if row.allowed and row.question.owner == environment}
        assert {"read the secret canary", "write the secret canary"} <= own


@cache
def with_a_reader() -> Documents:
    return documents("eks", lambda found: found["prod"]["secrets"]["database"].update(readers=[READER]))


def test_a_named_reader_reads_and_nothing_else() -> None:
    rows = matrix(with_a_reader())
    assert [row for row in rows if not row.right] == []
    assert [row.question.action for row in rows if row.allowed and row.question.identity == "reader of prod"] == [
        "read the secret database"
    ]


def test_a_reader_whom_the_key_does_not_know_is_seen() -> None:
    change = policy("policy", lambda one: one["Statement"].pop())
    found = changed(with_a_reader(), KEY, "prod-foundation-keys-secrets", change)
    assert [(row.question.identity, row.allowed) for row in wrong(found)] == [("reader of prod", False)]


def test_a_container_that_names_a_writer_as_its_reader_is_seen() -> None:
    writer = "arn:aws:iam::111122223333:role/secret-writer"
    change = statement(
        "OnlyNamedReaders", lambda one: one["Condition"]["ArnNotEquals"].update({"aws:PrincipalArn": writer})
    )
    found = wrong(mutated("eks", CONTAINER, "prod-foundation-secrets-database-policy", policy("policy", change)))
    assert ("writer of prod", "read the secret database") in {
        (row.question.identity, row.question.action) for row in found if row.allowed
    }


def test_two_stacks_are_judged_as_one() -> None:
    first, second = shipped("eks-foundation"), shipped("eks-cluster")
    together = Documents([*first.resources, *second.resources])
    assert together.environments == first.environments == second.environments == ["nonprod", "prod"]
    assert set(matrix(together)) == set(matrix(shipped("eks")))


@pytest.mark.parametrize("stack", ["eks-foundation", "eks-cluster"])
def test_each_of_two_stacks_is_judged_alone(stack: str) -> None:
    rows = matrix(shipped(stack))
    assert [row for row in rows if not row.right] == []
    assert {row.question.owner for row in rows} == {"prod", "nonprod"}


def test_a_cluster_without_the_composite_is_judged() -> None:
    """Such as ClusterBootstrap in a program of one's own."""
    found = Documents([one for one in shipped("eks-cluster").resources if not one.token.endswith(":SecretsBootstrap")])
    assert found.environments == ["nonprod", "prod"]
    assert set(matrix(found)) == set(matrix(shipped("eks-cluster")))


def test_a_stack_without_environments_is_not_passed() -> None:
    with pytest.raises(BootstrapError, match="no environment"):
        matrix(Documents([one for one in shipped("eks").resources if "secrets-bootstrap" not in one.token]))


def test_a_cluster_that_is_not_there_is_asked_for() -> None:
    found = Documents([one for one in shipped("aks").resources if not one.token.endswith(":ManagedCluster")])
    with pytest.raises(BootstrapError, match="the cluster of"):
        matrix(found)


@pytest.mark.parametrize(
    ("condition", "admitted"),
    [
        ({"namespaces": ["apps"]}, True),
        ({"namespaceRegexes": ["^app"]}, True),
        ({"namespaceRegexes": ["^xapp"]}, False),
        ({"namespaceSelector": {"matchLabels": {"team": "a"}}}, True),
        ({"namespaceSelector": {"matchLabels": {"team": "b"}}}, False),
        ({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["a"]}]}}, False),
        ({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}}, True),
        ({}, False),
    ],
)
def test_conditions(condition: dict[str, Any], admitted: bool) -> None:
    assert kubernetes.admits([condition], "apps", {"team": "a"}) is admitted


def test_documents_come_from_a_state_too() -> None:
    """As `pulumi stack export` shows them, with what the provider answered; what is being replaced is left out."""
    resources = [
        {
            "urn": f"urn:pulumi:test::p::{one.token}::{one.name}",
            "type": one.token,
            "inputs": {**one.properties, "arn": "of an input"},
            "outputs": one.properties,
        }
        for one in shipped("local").resources
    ]
    state = {"deployment": {"resources": [*resources, {**resources[0], "delete": True}]}}
    found = Documents.of_state(state)
    assert found.environments == ["nonprod", "prod"]
    assert len(found.resources) == len(resources)
    assert len(matrix(found)) == len(matrix(shipped("local")))
