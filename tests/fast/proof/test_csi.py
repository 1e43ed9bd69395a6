"""Secrets Store CSI in the offline matrix: a team's pods read the team's secrets as files, by whatever class."""

import importlib
from collections.abc import Sequence
from functools import cache
from typing import Any
from unittest import mock

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.proof.offline import csi
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from bootstrap.proof.offline.row import Row
from components import (
    IdentityKind,
    IdentityRef,
    SecretProviderClass,
    SecretProviderClassArgs,
    SecretsBootstrap,
    ServiceAccountRef,
)
from tests.fast.components import samples
from tests.fast.proof.beside import names_of
from tests.fast.proof.mutations import (
    ROLE,
    ROLE_POLICY,
    SECRET_MEMBER,
    Change,
    any_account,
    changed,
    instead,
    path_rule,
    put,
)
from tests.fast.proof.teams import with_teams
from tests.fast.proof.topologies import documents

PROGRAMS = {
    "local": "stacks.local_environment",
    "eks": "stacks.eks",
    "gke": "stacks.gke",
    "aks": "stacks.aks",
    "local-vault": "stacks.local_environment",
}
COMPONENT = "secrets-bootstrap:index:SecretProviderClass"
CONTAINER = "aws:secretsmanager/secretPolicy:SecretPolicy"
VAULT_POLICY, VAULT_ROLE = "vault:index/policy:Policy", "vault:jwt/authBackendRole:AuthBackendRole"
VAULT_METHOD = "vault:jwt/authBackend:AuthBackend"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
POOL = "principalSet://iam.googleapis.com/projects/111122223333/locations/global/workloadIdentityPools"
PAYMENTS, SEARCH = "payments/external-secrets-team", "search/external-secrets-team"


class WithFiles(SecretsBootstrap):
    """An environment with a class in each team's namespace."""

    def __init__(self, name: str, args: Any, opts: Any = None) -> None:
        super().__init__(name, args, opts)
        for namespace, identity in self.team_identities.items():
            arguments = SecretProviderClassArgs(
                namespace=namespace,
                class_name="app",
                store=self.foundation.store,
                identity=identity,
                files={"password": args.names.secret_name("search/index" if namespace == "search" else "payments/api")},
                ca_certificate_path="/vault/ca.crt" if args.environment.backend == "vault" else None,
            )
            SecretProviderClass(f"{name}-{namespace}-files", arguments)


def by_jwt(environments: dict[str, Any]) -> None:
    """The providers ask for a token with one audience, so Vault's Kubernetes auth is none for them."""
    for one in environments.values():
        if one["identity"]["kind"] == "vaultKubernetes":
            one["identity"] = {"kind": "vaultJwt", "audience": "vault"}
    with_teams(environments)


@cache
def made(topology: str) -> Documents:
    program = importlib.import_module(PROGRAMS[topology])
    with mock.patch.object(program, "SecretsBootstrap", WithFiles):
        return documents(topology, by_jwt)


@pytest.mark.parametrize("topology", PROGRAMS)
def test_pods_of_a_team_read_its_secrets_and_nobody_else_does(topology: str) -> None:
    rows = matrix(made(topology))
    assert [row for row in rows if not row.right] == []
    folder = "--" if topology in ("gke", "aks") else "/"
    assert allowed(rows, f"{SEARCH} of prod with class search/app of prod") == {(f"search{folder}index", "prod")}
    assert allowed(rows, f"{PAYMENTS} of prod with class payments/app of prod") == {
        (f"payments{folder}{one}", "prod") for one in ("api", "db")
    }
    # On Google Cloud a class names nobody: whose copy it is does not matter.
    copied = allowed(rows, f"{SEARCH} of prod with class payments/app of prod")
    assert copied == ({("search--index", "prod")} if topology == "gke" else set())
    for other in ("search/default of prod", f"{SEARCH} of nonprod"):
        assert ("search/index", "prod") not in allowed(rows, f"{other} with class search/app of prod")


def allowed(rows: Sequence[Row], identity: str) -> set[tuple[str, str]]:
    """Which secrets somebody gets as files, and of which environment."""
    asked = [row for row in rows if row.question.identity == identity]
    assert asked
    return {(row.question.action.split()[3], row.question.owner) for row in asked if row.allowed}


# What is changed, and whose pod then gets which secret.
WIDENED: dict[str, tuple[str, Sequence[tuple[str, str, Change]], str, str]] = {
    "AWS: the role trusts every account of the cluster": (
        "eks",
        [(ROLE, "prod-team-search-identity-role", any_account("ServiceAccountTokens"))],
        "search/default of prod with class search/app of prod",
        "search/index",
    ),
    "AWS: the role trusts another team": (
        "local",
        [(ROLE, "prod-team-search-identity-role", instead("assumeRolePolicy", ":search:", ":payments:"))],
        f"{PAYMENTS} of prod with class search/app of prod",
        "search/index",
    ),
    "AWS: another team's prefix, in the role's and the container's policy": (
        "eks",
        [
            (ROLE_POLICY, "prod-team-search-identity-policy", instead("policy", "/prod/search/", "/prod/payments/")),
            (
                CONTAINER,
                "prod-foundation-secrets-payments/api-policy",
                instead("policy", "team-payments", "team-search"),
            ),
        ],
        f"{SEARCH} of prod with class search/app of prod",
        "payments/api",
    ),
    "Vault: the role takes every account": (
        "local-vault",
        [(VAULT_ROLE, "prod-team-search-identity-search-role", put(boundSubject=None))],
        "search/default of prod with class search/app of prod",
        "search/index",
    ),
    "Vault: another team's prefix": (
        "local-vault",
        [
            (
                VAULT_POLICY,
                "prod-team-search-identity-policy",
                path_rule("platform/prod/secrets/data/payments/*", "read"),
            )
        ],
        f"{SEARCH} of prod with class search/app of prod",
        "payments/api",
    ),
    "Vault: the method trusts another environment's cluster": (
        "local-vault",
        [(VAULT_METHOD, "prod-identity-method", instead("boundIssuer", "14581", "145819"))],
        f"{SEARCH} of nonprod with class search/app of prod",
        "search/index",
    ),
    "Google Cloud: the grant is made out to a whole namespace": (
        "gke",
        [
            (
                SECRET_MEMBER,
                "prod-team-search-identity-search-reads-search/index",
                put(member=f"{POOL}/example-platform-prod.svc.id.goog/namespace/search"),
            )
        ],
        "search/default of prod with class search/app of prod",
        "search--index",
    ),
    "Azure: the identity trusts another account": (
        "aks",
        [
            (
                CREDENTIAL,
                "prod-team-search-identity-search-credential",
                put(subject="system:serviceaccount:search:default"),
            )
        ],
        "search/default of prod with class search/app of prod",
        "search--index",
    ),
    "Azure: the role is on the whole vault": (
        "aks",
        [
            (
                ASSIGNMENT,
                "prod-team-search-identity-reads-search/index",
                lambda one: one.update(scope=one["scope"].partition("/secrets/")[0]),
            )
        ],
        f"{SEARCH} of prod with class search/app of prod",
        "payments--api",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    topology, changes, identity, secret = WIDENED[name]
    assert (identity, secret) in wrong(topology, *changes, allowed=True)


@pytest.mark.parametrize(
    ("topology", "secret"),
    [("eks", "search/index"), ("local-vault", "search/index"), ("aks", "search--index")],
)
def test_a_class_in_another_identitys_name_gets_nothing(topology: str, secret: str) -> None:
    payments = next(
        one for owner, one in made(topology).components("SecretProviderClass") if one.name == "prod-payments-files"
    )
    change = (COMPONENT, "prod-search-files", put(principal=payments.at("principal")))
    assert (f"{SEARCH} of prod with class search/app of prod", secret) in wrong(topology, change, allowed=False)


@pytest.mark.parametrize("topology", ["local-vault", "aks"])
def test_an_identity_that_is_not_in_the_stack_is_said_to_be_missing(topology: str) -> None:
    documents = changed(made(topology), COMPONENT, "prod-search-files", put(principal="elsewhere"))
    with pytest.raises(BootstrapError, match=r"SecretProviderClass search/app of prod: is not among the resources"):
        csi.rows(documents)


def test_an_account_of_the_users_own_reads_what_names_its_role() -> None:
    app = "arn:aws:iam::111122223333:role/app"
    account = ServiceAccountRef(namespace="apps", name="app")
    identity = IdentityRef(kind=IdentityKind.IRSA, principal=app, service_account=account, backends=frozenset({"aws"}))

    def readers(environments: dict[str, Any]) -> None:
        environments["prod"]["secrets"] = {"database": {"readers": [app]}, "payments/db": {}}

    def files(name: str, prefix: str, environments: dict[str, Any]) -> None:
        if name == "prod":
            arguments = SecretProviderClassArgs(
                namespace="apps",
                class_name="app",
                store=samples.STORE,
                identity=identity,
                files={"password": names_of(name, prefix, environments).secret_name("database")},
            )
            SecretProviderClass(f"{name}-files", arguments)

    made = documents("eks", readers, beside=files)
    rows = csi.rows(made)
    assert allowed(rows, "apps/app of prod with class apps/app of prod") == {("database", "prod")}
    assert [row for row in rows if not row.right] == []
    unnamed = changed(
        made, CONTAINER, "prod-foundation-secrets-database-policy", instead("policy", app, f"{app}-no-more")
    )
    assert not any(row.allowed for row in csi.rows(unnamed))


def wrong(topology: str, *changes: tuple[str, str, Change], allowed: bool) -> set[tuple[str, str]]:
    """Who gets which secret as a file, or does not, and should not or should."""
    documents = made(topology)
    for token, name, change in changes:
        documents = changed(documents, token, name, change)
    return {
        (row.question.identity, row.question.action.split()[3])
        for row in csi.rows(documents)
        if row.allowed is allowed and not row.right
    }
