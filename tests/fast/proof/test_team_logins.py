"""The offline matrix turns red as soon as another account opens what is a team's, or uses a store of teams."""

import pytest

from tests.fast.proof.mutations import ROLE, SECRET_MEMBER, any_account, instead, put
from tests.fast.proof.teams import Case, changed, wrong

VAULT_ROLE = "vault:kubernetes/authBackendRole:AuthBackendRole"
VAULT_JWT_ROLE = "vault:jwt/authBackendRole:AuthBackendRole"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
POOL = (
    "iam.googleapis.com/projects/111122223333/locations/global/workloadIdentityPools/example-platform-prod.svc.id.goog"
)
PAYMENTS = "system:serviceaccount:payments:external-secrets-team"
SEARCH = "system:serviceaccount:search:external-secrets-team"
SEARCH_TRUST = "prod-team-search-identity-role"
VAULT_SEARCH = "prod-team-search-identity-search-role"
INDEX_MEMBER = "prod-team-search-identity-search-reads-search/index"


# Each widened grant: who then may what he should not.
WIDENED: dict[str, Case] = {
    "AWS: the role trusts another team's namespace": (
        changed("eks", (ROLE, SEARCH_TRUST, instead("assumeRolePolicy", SEARCH, PAYMENTS))),
        "payments/external-secrets-team of prod",
        "take team-search's role by a token for sts.amazonaws.com",
    ),
    "AWS: the role trusts every account of the cluster": (
        changed("local", (ROLE, SEARCH_TRUST, any_account("ServiceAccountTokens"))),
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
LOST: dict[str, Case] = {
    "AWS: the role trusts another cluster": (
        changed("eks", (ROLE, SEARCH_TRUST, instead("assumeRolePolicy", "id/ABC", "id/OTHER"))),
        "search/external-secrets-team of prod",
        "take team-search's role by a token for sts.amazonaws.com",
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


@pytest.mark.parametrize("name", WIDENED)
def test_a_widened_grant_is_seen(name: str) -> None:
    build, identity, action = WIDENED[name]
    assert (identity, action) in wrong(build(), too_much=True)


@pytest.mark.parametrize("name", LOST)
def test_a_lost_grant_is_seen(name: str) -> None:
    build, identity, action = LOST[name]
    assert (identity, action) in wrong(build(), too_much=False)
