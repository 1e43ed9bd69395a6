"""The offline matrix turns red as soon as one grant is widened or lost."""

from typing import Any

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.proof.offline.matrix import matrix
from tests.fast.proof.mutations import (
    KEY,
    ROLE_POLICY,
    SECRET_MEMBER,
    Case,
    mutated,
    path_rule,
    policy,
    put,
    statement,
    wrong,
)

VAULT_POLICY = "vault:index/policy:Policy"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
RBAC = "kubernetes:rbac.authorization.k8s.io/v1:"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"


def drop_condition(one: dict[str, Any]) -> None:
    del one["Condition"]


ETCD_USES = statement("NodesEncryptEtcd", drop_condition)

# Each widened grant, with who then may what he should not.
WIDENED: dict[str, Case] = {
    "the administrators of a key may decrypt": (
        lambda: mutated(
            "eks",
            KEY,
            "prod-foundation-keys-tenants",
            policy("policy", statement("Administration", lambda one: one["Action"].append("kms:Decrypt"))),
        ),
        "decrypt with the tenants key",
    ),
    "the etcd key asks for no role and no environment": (
        lambda: mutated("local", KEY, "prod-foundation-keys-etcd", policy("policy", ETCD_USES)),
        "encrypt with the etcd key",
    ),
    "nonprod's operator reads prod's secrets in Vault": (
        lambda: mutated(
            "local-vault",
            VAULT_POLICY,
            "nonprod-foundation-secrets-external-secrets-policy",
            path_rule("platform/prod/secrets/data/*", "read"),
        ),
        "read the secret database",
    ),
    "Vault's writers may write the canary": (
        lambda: mutated(
            "local-vault",
            VAULT_POLICY,
            "prod-foundation-secrets-writers-policy",
            path_rule("platform/prod/secrets/data/canary", "update"),
        ),
        "write the secret canary",
    ),
    "a grant on Google's secret is made out to everybody": (
        lambda: mutated("gke", SECRET_MEMBER, "prod-identity-reads-database", put(member="allUsers")),
        "read the secret database",
    ),
    "a writer gets the role that reads": (
        lambda: mutated(
            "gke",
            SECRET_MEMBER,
            "prod-foundation-secrets-database-writer-group:secret-writers@example.com",
            put(role="roles/secretmanager.secretAccessor"),
        ),
        "read the secret database",
    ),
    "Azure's operator fills the whole vault": (
        lambda: mutated(
            "aks",
            ASSIGNMENT,
            "prod-identity-fill-canary",
            lambda one: one.update(scope=one["scope"].partition("/secrets/")[0]),
        ),
        "write the secret any-other",
    ),
    "the store has no conditions": (
        lambda: mutated("eks", STORE, "prod-bootstrap-store-store", lambda one: one["spec"].pop("conditions")),
        "use the store prod",
    ),
    "the operator mints every token": (
        lambda: mutated(
            "gke",
            f"{RBAC}Role",
            "prod-bootstrap-operator-token",
            lambda one: [rule.pop("resourceNames") for rule in one["rules"]],
        ),
        "mint a token of external-secrets/default",
    ),
    "the operator is an administrator of the cluster": (
        lambda: mutated(
            "aks",
            f"{RBAC}ClusterRoleBinding",
            "prod-bootstrap-operator-watcher-binding",
            lambda one: one["roleRef"].update(name="cluster-admin"),
        ),
        "update a Secret in kube-system",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_a_widened_grant_is_seen(name: str) -> None:
    made, action = WIDENED[name]
    found = wrong(made())
    assert action in {row.question.action for row in found if row.allowed}


def test_a_wider_role_policy_alone_opens_no_value() -> None:
    """The key's policy stands behind the role's. It refuses neither to delete nor to list, and so both are seen."""
    wide = {"Sid": "Wide", "Effect": "Allow", "Action": ["secretsmanager:*", "kms:*"], "Resource": "*"}
    change = policy("policy", lambda one: one["Statement"].append(wide))
    found = wrong(mutated("eks", ROLE_POLICY, "prod-identity-policy", change))
    assert {" ".join(row.question.action.split()[:2]) for row in found} == {"delete the", "list the"}


def test_a_lost_grant_is_seen() -> None:
    found = wrong(mutated("gke", SECRET_MEMBER, "prod-identity-reads-database", put(member="user:a@example.com")))
    assert "read the secret database" in {row.question.action for row in found if not row.allowed}


def test_a_role_that_nobody_knows_stops_the_matrix() -> None:
    with pytest.raises(BootstrapError, match="roles/owner"):
        matrix(mutated("gke", SECRET_MEMBER, "prod-identity-reads-database", put(role="roles/owner")))
