"""Teams in the offline matrix: each reads what is its own and what all share, and nothing else."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from bootstrap.proof.offline.row import Row
from tests.fast.proof.mutations import changed
from tests.fast.proof.teams import made, with_teams
from tests.fast.proof.topologies import documents

TOPOLOGIES = ("local", "eks", "local-vault", "gke", "aks")


@cache
def judged(topology: str) -> Sequence[Row]:
    return matrix(made(topology))


def allowed(topology: str, identity: str) -> set[tuple[str, str]]:
    """What somebody may do, and in which environment."""
    rows = [one for one in judged(topology) if one.question.identity == identity]
    assert any(not one.allowed for one in rows)
    return {(one.question.action, one.question.owner) for one in rows if one.allowed}


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_team_reads_its_own_and_nothing_else(topology: str) -> None:
    assert [row for row in judged(topology) if not row.right] == []
    folder = "/" if topology in ("local", "eks", "local-vault") else "--"
    for environment in ("prod", "nonprod"):
        for identity, containers in {
            "team-payments": ("payments/api", "payments/db"),
            "team-search": ("search/index",),
            "shared": ("shared/ca",),
        }.items():
            assert allowed(topology, f"{identity} of {environment}") == {
                (f"read the secret {one.replace('/', folder)}", environment) for one in containers
            }


@pytest.mark.parametrize(
    ("topology", "account", "logins"),
    [
        ("eks", "payments/external-secrets-team", {"take team-payments's role by a token for sts.amazonaws.com"}),
        ("eks", "payments-jobs/external-secrets-team", {"take team-payments's role by a token for sts.amazonaws.com"}),
        ("eks", "external-secrets/external-secrets-shared", {"take shared's role by a token for sts.amazonaws.com"}),
        (
            "eks",
            "external-secrets/external-secrets-store",
            {"take the operator's role by a token for sts.amazonaws.com"},
        ),
        ("eks", "external-secrets/external-secrets", set()),
        ("local-vault", "payments-jobs/external-secrets-team", {"log in as store-payments-jobs by a token for vault"}),
        (
            "local-vault",
            "external-secrets/external-secrets-shared",
            {"log in as store-external-secrets by a token for vault"},
        ),
        ("gke", "search/external-secrets-team", {"read the secret search--index by a token of its own"}),
        (
            "aks",
            "search/external-secrets-team",
            {"take team-search's identity by a token for api://AzureADTokenExchange"},
        ),
        ("aks", "search/default", set()),
    ],
)
def test_whose_token_opens_what(topology: str, account: str, logins: set[str]) -> None:
    words = ("take ", "log in ", "read the secret")
    found = {one for one in allowed(topology, f"{account} of prod") if one[0].startswith(words)}
    assert found == {(action, "prod") for action in logins}


def test_foundation_and_cluster_may_be_two_stacks() -> None:
    first, second = made("eks-foundation"), made("eks-cluster")
    for alone in (first, second):
        assert [row for row in matrix(alone) if not row.right] == []
    assert set(matrix(Documents([*first.resources, *second.resources]))) == set(matrix(made("eks")))


def test_a_team_may_be_another_in_another_environment() -> None:
    def change(environments: dict[str, Any]) -> None:
        with_teams(environments)
        teams = environments["nonprod"]["teams"]
        teams["payments"]["prefixes"] = teams.pop("search")["prefixes"]

    rows = matrix(documents("local-vault", change))
    assert [row for row in rows if not row.right] == []
    reads = {row.question.action for row in rows if row.allowed and row.question.identity == "team-payments of nonprod"}
    assert reads == {"read the secret search/index"}


def test_a_stack_of_an_older_version_is_said_to_be_one() -> None:
    older = changed(
        made("local-vault"), "secrets-bootstrap:index:TeamStores", "prod-teams", lambda one: one.pop("teams")
    )
    with pytest.raises(BootstrapError, match="TeamStores prod-teams: has no output teams"):
        matrix(older)
