"""Teams in the offline matrix: each reads what is its own and what all share, and a grant that is widened is seen."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import IdentityKind
from tests.fast.components import samples_teams
from tests.fast.proof import mutations
from tests.fast.proof.mutations import ROLE, ROLE_POLICY, SECRET_MEMBER, Change, policy, put, statement
from tests.fast.proof.topologies import documents

TOPOLOGIES = ("local", "eks", "local-vault", "gke", "aks")
CONTAINER = "aws:secretsmanager/secretPolicy:SecretPolicy"
VAULT_POLICY = "vault:index/policy:Policy"
VAULT_ROLE = "vault:kubernetes/authBackendRole:AuthBackendRole"
VAULT_JWT_ROLE = "vault:jwt/authBackendRole:AuthBackendRole"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
POOL = (
    "iam.googleapis.com/projects/111122223333/locations/global/workloadIdentityPools/example-platform-prod.svc.id.goog"
)
PAYMENTS = "system:serviceaccount:payments:external-secrets-team"
SEARCH = "system:serviceaccount:search:external-secrets-team"


def with_teams(environments: dict[str, Any]) -> None:
    for one in environments.values():
        kind = one["identity"]["kind"]  # Pod Identity has no teams
        given = samples_teams.configured(IdentityKind.IRSA if kind == "podIdentity" else IdentityKind(kind))
        one.update(
            teams=given["teams"],
            sharedPrefixes=given["sharedPrefixes"],
            identity={**one["identity"], **given["identity"]},
            secrets={**given["secrets"], **one["secrets"]},
        )


@cache
def made(topology: str) -> Documents:
    return documents(topology, with_teams)


def allowed(topology: str, identity: str) -> set[tuple[str, str]]:
    """What somebody may do, and in which environment."""
    rows = [one for one in matrix(made(topology)) if one.question.identity == identity]
    assert any(not one.allowed for one in rows)
    return {(one.question.action, one.question.owner) for one in rows if one.allowed}


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_team_reads_its_own_and_nothing_else(topology: str) -> None:
    assert [row for row in matrix(made(topology)) if not row.right] == []
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


def changed(topology: str, *changes: tuple[str, str, Change]) -> Callable[[], Documents]:
    """What makes a topology with some of its resources changed."""

    def build() -> Documents:
        found = made(topology)
        for token, name, change in changes:
            found = mutations.changed(found, token, name, change)
        return found

    return build


def instead(field: str, old: str, new: str) -> Change:
    def change(one: dict[str, Any]) -> None:
        assert old in one[field]
        one[field] = one[field].replace(old, new)

    return change


def also(action: str, resource: str = "*") -> Change:
    wider = {"Effect": "Allow", "Action": action, "Resource": resource}
    return policy("policy", lambda one: one["Statement"].append(wider))


def path_rule(path: str, *capabilities: str) -> Change:
    return policy("policy", lambda one: one["path"].update({path: {"capabilities": list(capabilities)}}))


SEARCH_POLICY = "prod-team-search-identity-policy"
SEARCH_TRUST = "prod-team-search-identity-role"
INDEX_MEMBER = "prod-team-search-identity-search-reads-search/index"
VAULT_SEARCH = "prod-team-search-identity-search-role"

# Each widened grant: who then may what he should not.
WIDENED: dict[str, tuple[Callable[[], Documents], str, str]] = {
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
    "AWS: the role trusts another team's namespace": (
        changed("eks", (ROLE, SEARCH_TRUST, instead("assumeRolePolicy", SEARCH, PAYMENTS))),
        "payments/external-secrets-team of prod",
        "take team-search's role by a token for sts.amazonaws.com",
    ),
    "AWS: the role trusts every account of the cluster": (
        changed(
            "local",
            (
                ROLE,
                SEARCH_TRUST,
                policy(
                    "assumeRolePolicy",
                    statement(
                        "ServiceAccountTokens",
                        lambda one: one["Condition"]["StringEquals"].pop(
                            next(key for key in one["Condition"]["StringEquals"] if key.endswith(":sub"))
                        ),
                    ),
                ),
            ),
        ),
        "search/default of prod",
        "take team-search's role by a token for sts.amazonaws.com",
    ),
    "AWS: the operator's role trusts a team": (
        changed(
            "eks",
            (
                ROLE,
                "prod-identity-role",
                instead("assumeRolePolicy", "external-secrets:external-secrets-store", "search:external-secrets-team"),
            ),
        ),
        "search/external-secrets-team of prod",
        "take the operator's role by a token for sts.amazonaws.com",
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
    "Vault: the role takes another team's namespace": (
        changed("local-vault", (VAULT_ROLE, VAULT_SEARCH, put(boundServiceAccountNamespaces=["search", "payments"]))),
        "payments/external-secrets-team of prod",
        "log in as store-search by a token for vault",
    ),
    "Vault: the role takes another team's subject": (
        changed("local-vault", (VAULT_JWT_ROLE, f"non{VAULT_SEARCH}", put(boundSubject=PAYMENTS))),
        "payments/external-secrets-team of nonprod",
        "log in as store-search by a token for vault",
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
    "Google Cloud: a team's grant is made out to a whole namespace": (
        changed("gke", (SECRET_MEMBER, INDEX_MEMBER, put(member=f"principalSet://{POOL}/namespace/search"))),
        "search/default of prod",
        "read the secret search--index by a token of its own",
    ),
    "Google Cloud: a team's grant is made out to another team": (
        changed("gke", (SECRET_MEMBER, INDEX_MEMBER, instead("member", "ns/search", "ns/payments"))),
        "payments/external-secrets-team of prod",
        "read the secret search--index by a token of its own",
    ),
    "Azure: a team's grant is on another team's secret": (
        changed(
            "aks",
            (
                ASSIGNMENT,
                "prod-team-search-identity-reads-search/index",
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
                "prod-team-search-identity-reads-search/index",
                lambda one: one.update(scope=one["scope"].partition("/secrets/")[0]),
            ),
        ),
        "team-search of prod",
        "list the secrets",
    ),
    "Azure: a team's identity trusts another team's namespace": (
        changed("aks", (CREDENTIAL, "prod-team-search-identity-search-credential", put(subject=PAYMENTS))),
        "payments/external-secrets-team of prod",
        "take team-search's identity by a token for api://AzureADTokenExchange",
    ),
    "the shared store has no conditions": (
        changed("eks", (STORE, "prod-teams-shared-store", lambda one: one["spec"].pop("conditions"))),
        "an ExternalSecret in apps of prod",
        "use the store shared",
    ),
    "the shared store admits the operator's namespace": (
        changed(
            "local-vault",
            (
                STORE,
                "prod-teams-shared-store",
                lambda one: one["spec"]["conditions"].append({"namespaceRegexes": ["^external-"]}),
            ),
        ),
        "an ExternalSecret in external-secrets of prod",
        "use the store shared",
    ),
    "the environment's store admits a team": (
        changed(
            "eks",
            (
                STORE,
                "prod-bootstrap-store-store",
                lambda one: one["spec"]["conditions"].append({"namespaces": ["search"]}),
            ),
        ),
        "an ExternalSecret in search of prod",
        "use the store prod",
    ),
    "a pod of the team's mints the token of its store": (
        changed(
            "gke",
            (
                BINDING,
                "prod-teams-store-search-token-binding",
                lambda one: one["subjects"].append(
                    {"kind": "ServiceAccount", "namespace": "search", "name": "default"}
                ),
            ),
        ),
        "search/default of prod",
        "mint a token of search/external-secrets-team",
    ),
}

# What a team needs, changed: what it then may not do.
LOST: dict[str, tuple[Callable[[], Documents], str, str]] = {
    "AWS: the container does not name the team": (
        changed(
            "eks",
            (CONTAINER, "prod-foundation-secrets-search/index-policy", instead("policy", "team-search", "team-other")),
        ),
        "team-search of prod",
        "read the secret search/index",
    ),
    "AWS: the role trusts another cluster": (
        changed("eks", (ROLE, SEARCH_TRUST, instead("assumeRolePolicy", "id/ABC", "id/OTHER"))),
        "search/external-secrets-team of prod",
        "take team-search's role by a token for sts.amazonaws.com",
    ),
    "Vault: the policy has another prefix": (
        changed("local-vault", (VAULT_POLICY, SEARCH_POLICY, instead("policy", "/search/", "/other/"))),
        "team-search of prod",
        "read the secret search/index",
    ),
    "the operator may not mint the store's token": (
        changed("aks", (BINDING, "prod-teams-store-search-token-binding", put(subjects=[]))),
        "external-secrets/external-secrets of prod",
        "mint a token of search/external-secrets-team",
    ),
    "the shared store forgets a namespace": (
        changed(
            "aks",
            (STORE, "prod-teams-shared-store", lambda one: one["spec"]["conditions"][0]["namespaces"].remove("search")),
        ),
        "an ExternalSecret in search of prod",
        "use the store shared",
    ),
}


def wrong(found: Documents, *, too_much: bool) -> set[tuple[str, str]]:
    return {(one.question.identity, one.question.action) for one in mutations.wrong(found) if one.allowed is too_much}


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
