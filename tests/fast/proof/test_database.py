"""Vault's database credentials in the offline matrix: each role's by its own policy, and a login for one account."""

from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import (
    IdentityKind,
    IdentityRef,
    VaultDatabase,
    VaultDatabaseArgs,
    VaultDatabaseRole,
    VaultDynamicCredentials,
    VaultDynamicCredentialsArgs,
    VaultNames,
    VaultStaticRole,
)
from tests.fast.components import samples, samples_vault
from tests.fast.proof.beside import wrong
from tests.fast.proof.mutations import Change, path_rule, put
from tests.fast.proof.topologies import documents

POLICY = "vault:index/policy:Policy"
KUBERNETES, JWT = "vault:kubernetes/authBackendRole:AuthBackendRole", "vault:jwt/authBackendRole:AuthBackendRole"


def _identity(names: VaultNames) -> IdentityRef:
    """As the topology has it: prod's operator gets in by the Kubernetes method, nonprod's by JWT."""
    account = {"namespace": "external-secrets", "name": "external-secrets"}
    settings: dict[str, Any] = {
        "kubernetes": {
            "mountPath": names.mount("kubernetes"),
            "serviceAccountRef": {**account, "audiences": ["vault", "https://127.0.0.1:14581"]},
        }
    }
    if names.environment == "nonprod":
        token = {"serviceAccountRef": account, "audiences": ["vault"]}
        settings = {"jwt": {"path": names.mount("jwt"), "kubernetesServiceAccountToken": token}}
    return IdentityRef(
        kind=IdentityKind.VAULT_JWT if "jwt" in settings else IdentityKind.VAULT_KUBERNETES,
        principal=names.full_name("external-secrets"),
        service_account=samples.ACCOUNT_OF_OPERATOR,
        backends=frozenset({"vault"}),
        store_settings={"auth": settings},
        presents_token=True,
        reviews_token="kubernetes" in settings,
    )


def _make(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names = VaultNames(prefix=prefix, environment=name, address="https://127.0.0.1:14660")
    creation = VaultDatabaseRole(creation=[samples_vault.CREATE_USER])
    arguments = VaultDatabaseArgs(
        names=names, roles={"app": creation, "report": creation}, static_roles={"old": VaultStaticRole(username="old")}
    )
    database = VaultDatabase(f"{name}-database", arguments)
    VaultDynamicCredentials(
        f"{name}-user",
        VaultDynamicCredentialsArgs(
            names=names,
            store=samples_vault.STORE,
            identity=_identity(names),
            namespace="apps",
            secret_name="database-user",
            service_account="shop",
            path=database.credentials["app"],
            policy=names.full_name("database-app"),
        ),
    )


@cache
def made() -> Documents:
    return documents("local-vault", beside=_make)


def test_each_credentials_are_for_one() -> None:
    rows = matrix(made())
    assert [row for row in rows if not row.right] == []
    mine = [one for one in rows if one.question.owner == "prod" and one.allowed]
    asking = {(one.question.identity, one.question.action) for one in mine if "redentials" in one.question.action}
    assert asking == {
        ("apps-database-user of prod", "ask for credentials of app"),
        ("database-report of prod", "ask for credentials of report"),
        ("database-old of prod", "ask for credentials of old"),
        ("apps/shop of prod", "log in for the credentials database-user by a token for vault"),
    }
    strangers = {
        one.question.identity for one in rows if one.question.action.startswith("log in for the") and not one.allowed
    }
    assert {
        "apps/default of prod",
        "default/shop of prod",
        "apps/shop of nonprod",
        "external-secrets/external-secrets of prod",
    } <= strangers
    operator = {one.question.action for one in rows if one.question.identity == "operator of prod" and not one.allowed}
    assert {"ask for credentials of app", "read how Vault is connected to the database of app"} <= operator


LOGIN = "log in for the credentials database-user by a token for"
OPERATORS = "prod-foundation-secrets-external-secrets-policy"
# What is widened, and what is then done.
WIDENED: dict[str, tuple[str, str, Change, str]] = {
    "credentials of every role": (
        POLICY,
        "prod-database-app-policy",
        path_rule("platform/prod/database/creds/*", "read"),
        "ask for credentials of report",
    ),
    "another environment's": (
        POLICY,
        "nonprod-database-app-policy",
        path_rule("platform/prod/database/creds/app", "read"),
        "ask for credentials of app",
    ),
    "the operator asks": (
        POLICY,
        OPERATORS,
        path_rule("platform/prod/database/static-creds/*", "read"),
        "ask for credentials of old",
    ),
    "who connects reads": (
        POLICY,
        "prod-database-connection-policy",
        path_rule("platform/prod/database/config/main", "read", "update"),
        "read how Vault is connected to the database of app",
    ),
    "who asks changes the role": (
        POLICY,
        "prod-database-app-policy",
        path_rule("platform/prod/database/*", "read", "update"),
        "change the role report",
    ),
    "every account of the namespace": (
        KUBERNETES,
        "prod-user-role",
        put(boundServiceAccountNames=["*"]),
        f"{LOGIN} vault",
    ),
    "no audience": (KUBERNETES, "prod-user-role", put(audience=None), f"{LOGIN} sts.amazonaws.com"),
    "every subject": (JWT, "nonprod-user-role", put(boundSubject=None), f"{LOGIN} vault"),
    "more policies": (
        KUBERNETES,
        "prod-user-role",
        lambda one: one["tokenPolicies"].append("platform-prod-external-secrets"),
        "read the secret database",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    token, resource, change, action = WIDENED[name]
    assert action in {one.action for one in wrong(made(), token, resource, change)}
