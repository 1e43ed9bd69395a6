"""The offline matrix turns red as soon as a team may do more with the manager's secrets and keys, or less."""

import pytest

from tests.fast.proof.mutations import ROLE_POLICY, SECRET_MEMBER, Change, instead, path_rule, policy, put
from tests.fast.proof.teams import Case, changed, wrong

CONTAINER = "aws:secretsmanager/secretPolicy:SecretPolicy"
VAULT_POLICY = "vault:index/policy:Policy"
VAULT_ROLE = "vault:kubernetes/authBackendRole:AuthBackendRole"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
SEARCH_POLICY = "prod-team-search-identity-policy"
VAULT_SEARCH = "prod-team-search-identity-search-role"
INDEX = "prod-team-search-identity-reads-search/index"
INDEX_MEMBER = "prod-team-search-identity-search-reads-search/index"


def also(action: str, resource: str = "*") -> Change:
    wider = {"Effect": "Allow", "Action": action, "Resource": resource}
    return policy("policy", lambda one: one["Statement"].append(wider))


# Each widened grant: who then may what he should not.
WIDENED: dict[str, Case] = {
    "AWS: a team's policy is the whole environment": (
        # The containers' own policies still refuse; what the operator fills has none.
        changed("eks", (ROLE_POLICY, SEARCH_POLICY, instead("policy", "/prod/search/", "/prod/"))),
        "team-search of prod",
        "read the secret canary",
    ),
    "AWS: another team's prefix, in the role's and the container's policy": (
        changed(
            "eks",
            (ROLE_POLICY, SEARCH_POLICY, instead("policy", "/prod/search/", "/prod/payments/")),
            (
                CONTAINER,
                "prod-foundation-secrets-payments/api-policy",
                instead("policy", "team-payments", "team-search"),
            ),
        ),
        "team-search of prod",
        "read the secret payments/api",
    ),
    "AWS: a team deletes": (
        changed("eks", (ROLE_POLICY, SEARCH_POLICY, also("secretsmanager:DeleteSecret"))),
        "team-search of prod",
        "delete the secret search/index",
    ),
    "AWS: a team lists": (
        changed("eks", (ROLE_POLICY, SEARCH_POLICY, also("secretsmanager:ListSecrets"))),
        "team-search of prod",
        "list the secrets",
    ),
    "Vault: a team's policy is the whole environment": (
        changed("local-vault", (VAULT_POLICY, SEARCH_POLICY, path_rule("platform/prod/secrets/data/*", "read"))),
        "team-search of prod",
        "read the secret database",
    ),
    "Vault: another team's prefix": (
        changed(
            "local-vault", (VAULT_POLICY, SEARCH_POLICY, path_rule("platform/prod/secrets/data/payments/*", "read"))
        ),
        "team-search of prod",
        "read the secret payments/db",
    ),
    "Vault: what is shared is everything": (
        changed(
            "local-vault",
            (VAULT_POLICY, "prod-shared-identity-policy", instead("policy", "/data/shared/*", "/data/*")),
        ),
        "shared of prod",
        "read the secret payments/api",
    ),
    "Vault: another environment's prefix": (
        changed(
            "local-vault",
            (
                VAULT_POLICY,
                "nonprod-team-search-identity-policy",
                instead("policy", "platform/nonprod", "platform/prod"),
            ),
        ),
        "team-search of nonprod",
        "read the secret search/index",
    ),
    "Vault: a team writes": (
        changed(
            "local-vault",
            (VAULT_POLICY, SEARCH_POLICY, path_rule("platform/prod/secrets/data/search/*", "read", "update")),
        ),
        "team-search of prod",
        "write the secret search/index",
    ),
    "Vault: a team lists": (
        changed("local-vault", (VAULT_POLICY, SEARCH_POLICY, path_rule("platform/prod/secrets/metadata/*", "list"))),
        "team-search of prod",
        "list the secrets",
    ),
    "Vault: a team uses a key": (
        changed(
            "local-vault", (VAULT_POLICY, SEARCH_POLICY, path_rule("platform/prod/transit/decrypt/etcd", "update"))
        ),
        "team-search of prod",
        "decrypt with the etcd key",
    ),
    "Vault: a team's role hands out another team's policy": (
        changed("local-vault", (VAULT_ROLE, VAULT_SEARCH, put(tokenPolicies=["platform-prod-team-payments"]))),
        "team-search of prod",
        "read the secret payments/api",
    ),
    "Google Cloud: a team's grant is on another team's container": (
        changed(
            "gke",
            (SECRET_MEMBER, INDEX_MEMBER, instead("secretId", "search--index", "payments--api")),
        ),
        "team-search of prod",
        "read the secret payments--api",
    ),
    "Google Cloud: a team's grant is on the whole project": (
        changed(
            "gke",
            (
                SECRET_MEMBER,
                INDEX_MEMBER,
                lambda one: one.update(secretId=one["secretId"].partition("/secrets/")[0]),
            ),
        ),
        "team-search of prod",
        "read the secret database",
    ),
    "Google Cloud: a team writes": (
        changed("gke", (SECRET_MEMBER, INDEX_MEMBER, put(role="roles/secretmanager.secretVersionManager"))),
        "team-search of prod",
        "write the secret search--index",
    ),
    "Azure: a team's grant is on another team's secret": (
        changed(
            "aks",
            (
                ASSIGNMENT,
                INDEX,
                instead("scope", "search--index", "payments--db"),
            ),
        ),
        "team-search of prod",
        "read the secret payments--db",
    ),
    "Azure: a team's grant is on the whole vault": (
        changed(
            "aks",
            (
                ASSIGNMENT,
                INDEX,
                lambda one: one.update(scope=one["scope"].partition("/secrets/")[0]),
            ),
        ),
        "team-search of prod",
        "list the secrets",
    ),
}

# What a team needs, changed: what it then may not do.
LOST: dict[str, Case] = {
    "AWS: the container does not name the team": (
        changed(
            "eks",
            (CONTAINER, "prod-foundation-secrets-search/index-policy", instead("policy", "team-search", "team-other")),
        ),
        "team-search of prod",
        "read the secret search/index",
    ),
    "Vault: the policy has another prefix": (
        changed("local-vault", (VAULT_POLICY, SEARCH_POLICY, instead("policy", "/search/", "/other/"))),
        "team-search of prod",
        "read the secret search/index",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_a_widened_grant_is_seen(name: str) -> None:
    build, identity, action = WIDENED[name]
    assert (identity, action) in wrong(build(), too_much=True)


@pytest.mark.parametrize("name", LOST)
def test_a_lost_grant_is_seen(name: str) -> None:
    build, identity, action = LOST[name]
    assert (identity, action) in wrong(build(), too_much=False)


def test_on_aws_two_documents_stand_between_two_teams() -> None:
    """A team's policy that names another's prefix opens nothing of it: the containers refuse."""
    build = changed("eks", (ROLE_POLICY, SEARCH_POLICY, instead("policy", "/prod/search/", "/prod/*/")))
    assert wrong(build(), too_much=True) == set()
