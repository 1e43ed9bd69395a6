"""CI in the offline matrix: the jobs that are meant get in, nobody else, and no further than their registries."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pulumi_vault as vault
import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import (
    AwsCiRole,
    AwsCiRoleArgs,
    CiSubject,
    GitHubSubForm,
    VaultCiRole,
    VaultCiRoleArgs,
    VaultNames,
    bitbucket_ci,
    github_ci,
    gitlab_ci,
)
from tests.fast.components import samples_ci
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.mutations import ROLE, ROLE_POLICY, Change, policy, put, statement
from tests.fast.proof.topologies import documents

# One identity of each environment is for an environment of GitHub's by both forms of `sub`, the other for GitLab's
# branches and Bitbucket's: a job of one environment is a stranger to the other.
BOTH = GitHubSubForm.BOTH
SUBJECTS: dict[str, Callable[[str], CiSubject]] = {
    "images": lambda name: github_ci("acme", "shop", **samples_ci.IDS, environment=name, form=BOTH),
    "web": lambda name: gitlab_ci("acme/web/shop", branch=name),
    "tool": lambda name: bitbucket_ci(
        "acme", samples_ci.WORKSPACE, samples_ci.REPOSITORY if name == "prod" else samples_ci.OTHER
    ),
}
VAULT_ROLE, POLICY = "vault:jwt/authBackendRole:AuthBackendRole", "vault:index/policy:Policy"


def _aws(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names = names_of(name, prefix, environments)
    registry = f"arn:aws:ecr:{names.region}:{names.account_id}:repository"
    for purpose, subject in SUBJECTS.items():
        rights: dict[str, Any] = (
            {"pull": [f"{registry}/base"]} if purpose != "images" else {"push": [f"{registry}/shop"]}
        )
        AwsCiRole(f"{name}-ci-{purpose}", AwsCiRoleArgs(names=names, purpose=purpose, subject=subject(name), **rights))


def _vault(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names = VaultNames(prefix=prefix, environment=name, address="https://127.0.0.1:14660")
    rule = {"path": {f"{names.mount('ci')}/data/images": {"capabilities": ["read"]}}}
    vault.Policy(f"{name}-ci", name=names.full_name("ci"), policy=json.dumps(rule))
    for purpose, subject in SUBJECTS.items():
        VaultCiRole(
            f"{name}-ci-{purpose}",
            VaultCiRoleArgs(
                names=names,
                purpose=purpose,
                subject=subject(name),
                policies=[names.full_name("ci")],
                admit_unreviewed=True,
            ),
        )


MAKERS = {"eks": _aws, "local-vault": _vault}


@cache
def made(topology: str) -> Documents:
    return documents(topology, beside=MAKERS[topology])


@pytest.mark.parametrize("topology", MAKERS)
def test_the_jobs_that_are_meant_get_in_and_no_others(topology: str) -> None:
    rows = matrix(made(topology))
    assert [row for row in rows if not row.right] == []
    wanted = "take the role" if topology == "eks" else "log in as ci-"
    logins = [one for one in rows if one.question.action.startswith(wanted)]
    for environment in ("prod", "nonprod"):
        for purpose in SUBJECTS:
            asked = [
                one for one in logins if one.question.owner == environment and f" ci-{purpose} " in one.question.action
            ]
            admitted = [one.question.identity for one in asked if one.allowed]
            assert admitted
            assert all(one.endswith(f"ci-{purpose} of {environment}") for one in admitted)
            strangers = {one.question.identity.partition(" (")[0] for one in asked if not one.allowed}
            assert {"a job of another platform", "a job with a token for somebody else"} <= strangers
            assert "a job that is meant" in strangers  # of the other environment
            if purpose != "tool":
                assert {"a job of a fork", "a job of another repository", "a pull request"} <= strangers


def test_what_ci_reaches_ends_at_its_registries() -> None:
    rows = [one for one in matrix(made("eks")) if one.question.identity == "ci-images of prod"]
    assert {one.question.action for one in rows if one.allowed} == {
        "pull from the registry shop",
        "push to the registry shop",
    }
    refused = {(one.question.action, one.question.owner) for one in rows if not one.allowed}
    for environment in ("prod", "nonprod"):
        assert {
            ("read the secret database", environment),
            ("decrypt with the secrets key", environment),
            ("take the operator's role by CI's role", environment),
        } <= refused


def test_a_job_that_fills_secrets_reads_none() -> None:
    """Of the stack itself: its CI has the policy of the environment's writers."""
    rows = [one for one in matrix(made("local-vault")) if one.question.identity == "ci-fill of prod"]
    written = {one.question.action for one in rows if one.allowed}
    assert {"write the secret database", "write the secret payments/api"} <= written
    assert all(one.startswith("write the secret ") for one in written)
    refused = {(one.question.action, one.question.owner) for one in rows if not one.allowed}
    assert {("write the secret canary", "prod"), ("write the secret database", "nonprod")} <= refused


def without(*keys: str) -> Change:
    def change(one: dict[str, Any]) -> None:
        compared = one["Condition"]["StringEquals"]
        for key in keys:
            del compared[next(name for name in compared if name.endswith(f":{key}"))]

    return policy("assumeRolePolicy", statement("CiToken", change))


def like(sub: str) -> Change:
    def change(one: dict[str, Any]) -> None:
        name = next(one for one in one["Condition"]["StringEquals"] if one.endswith(":sub"))
        del one["Condition"]["StringEquals"][name]
        one["Condition"]["StringLike"] = {name: sub}

    return policy("assumeRolePolicy", statement("CiToken", change))


def trusts_ci(one: dict[str, Any]) -> None:
    trust, account = json.loads(one["assumeRolePolicy"]), one["arn"].split(":")[4]
    principal = {"AWS": f"arn:aws:iam::{account}:role/platform-prod-ci-images"}
    trust["Statement"].append({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})
    one["assumeRolePolicy"] = json.dumps(trust)


IMAGES = "prod-ci-images-role"
# What is widened, who then gets in, and what he does.
WIDENED: dict[str, tuple[str, str, str, Change, str, str]] = {
    "any branch and pull request": (
        "eks",
        ROLE,
        IMAGES,
        like("repo:acme@123456/shop@456789:*"),
        "a pull request",
        "take the role ci-images",
    ),
    "any repository of the owner": (
        "eks",
        ROLE,
        IMAGES,
        like("repo:acme@123456/*"),
        "a job of another repository",
        "take the role ci-images",
    ),
    "any owner": (
        "eks",
        ROLE,
        IMAGES,
        like("repo:*/shop@456789:environment:prod"),
        "a job of a fork",
        "take the role ci-images",
    ),
    "no sub": ("eks", ROLE, "prod-ci-web-role", without("sub"), "a job of a fork", "take the role ci-web"),
    "no audience": (
        "eks",
        ROLE,
        IMAGES,
        without("aud"),
        "a job with a token for somebody else",
        "take the role ci-images",
    ),
    "no repository_id": (
        "eks",
        ROLE,
        IMAGES,
        without("repository_id"),
        "a job with another repository_id",
        "take the role ci-images",
    ),
    "every registry": (
        "eks",
        ROLE_POLICY,
        "prod-ci-images-registry",
        policy("policy", lambda one: [each.update(Resource="*") for each in one["Statement"]]),
        "ci-images of prod",
        "push to the registry base",
    ),
    "the operator's trust": (
        "eks",
        ROLE,
        "prod-identity-role",
        trusts_ci,
        "ci-images of prod",
        "take the operator's role by CI's role",
    ),
    "Vault: any branch": (
        "local-vault",
        VAULT_ROLE,
        IMAGES,
        put(boundClaimsType="glob", boundClaims={"sub": "repo:acme@123456/shop@456789:*", "repository_id": "456789"}),
        "a pull request",
        "log in as ci-images",
    ),
    "Vault: any repository": (
        "local-vault",
        VAULT_ROLE,
        IMAGES,
        put(boundClaimsType="glob", boundClaims={"sub": "repo:*"}),
        "a job of a fork",
        "log in as ci-images",
    ),
    "Vault: any claim": (
        "local-vault",
        VAULT_ROLE,
        IMAGES,
        lambda one: one["boundClaims"].pop("repository_id"),
        "a job with another repository_id",
        "log in as ci-images",
    ),
    "Vault: any audience": (
        "local-vault",
        VAULT_ROLE,
        IMAGES,
        lambda one: one["boundAudiences"].append("another"),
        "a job with a token for somebody else",
        "log in as ci-images",
    ),
    "Vault: the operator's policy": (
        "local-vault",
        VAULT_ROLE,
        "prod-ci-role",
        put(tokenPolicies=["platform-prod-external-secrets"]),
        "ci-fill of prod",
        "read the secret database",
    ),
    "Vault: the environment's secrets": (
        "local-vault",
        POLICY,
        "prod-ci",
        policy("policy", lambda one: one["path"].update({"platform/prod/secrets/data/*": {"capabilities": ["read"]}})),
        "ci-images of prod",
        "read the secret database",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    topology, token, resource, change, identity, action = WIDENED[name]
    found = wrong(made(topology), token, resource, change)
    assert any(one.identity.startswith(identity) and one.action.startswith(action) for one in found)


def test_a_lost_policy_is_seen() -> None:
    lost = put(tokenPolicies=["platform-prod-tenant-acme"])
    found = wrong(made("local-vault"), VAULT_ROLE, "prod-ci-role", lost, allowed=False)
    assert ("ci-fill of prod", "write the secret database") in {(one.identity, one.action) for one in found}


def test_a_lost_trust_is_seen() -> None:
    change = policy("assumeRolePolicy", lambda one: one["Statement"].clear())
    found = wrong(made("eks"), ROLE, IMAGES, change, allowed=False)
    assert {one.action for one in found} == {"take the role ci-images by a token for sts.amazonaws.com"}
