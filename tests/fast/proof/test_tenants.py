"""Tenants' keys in the offline matrix: each tenant uses its own, nobody else any, and a widened grant is seen."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import (
    AwsTenant,
    AwsTenantKeys,
    AwsTenantKeysArgs,
    AzureTenantKeys,
    AzureTenantKeysArgs,
    GcpTenantKeys,
    GcpTenantKeysArgs,
    KeyRef,
    ServiceAccountRef,
    parse_config,
)
from tests.fast.components.samples import ISSUER
from tests.fast.proof import mutations
from tests.fast.proof.mutations import Change, instead
from tests.fast.proof.topologies import Make, documents

TENANTS = ("acme", "globex")
PRINCIPAL = (
    "principal://iam.googleapis.com/projects/111122223333/locations/global/workloadIdentityPools/"
    "example-platform-prod.svc.id.goog/subject/ns/acme/sa/app"
)
ACCOUNTS = {one: ServiceAccountRef(namespace=one, name="app") for one in TENANTS}


def _aws(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names: Any = parse_config({"prefix": prefix, "environments": environments}).names(name)
    arguments = AwsTenantKeysArgs(
        names=names,
        tenants_key=KeyRef(
            id=f"arn:aws:kms:{names.region}:{names.account_id}:key/key-of-{name}-foundation-keys-tenants"
        ),
        tenants={one: AwsTenant(service_account=account) for one, account in ACCOUNTS.items()},
        administrators=[names.role_arn("support")],
        issuer_url=ISSUER,
    )
    AwsTenantKeys(f"{name}-tenants", arguments)


def _gcp(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names: Any = parse_config({"prefix": prefix, "environments": environments}).names(name)
    ring = f"projects/{names.project_id}/locations/{names.location}/keyRings/{names.key_ring}"
    arguments = GcpTenantKeysArgs(
        names=names,
        tenants_key=KeyRef(id=f"{ring}/cryptoKeys/tenants"),
        tenants={one: [names.principal(account)] for one, account in ACCOUNTS.items()},
        administrators=[f"group:{name}-support@example.com"],
    )
    GcpTenantKeys(f"{name}-tenants", arguments)


def _azure(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names: Any = parse_config({"prefix": prefix, "environments": environments}).names(name)
    digit = len(name)
    ids = {one: f"{digit}000000{at}-0000-0000-0000-000000000000" for at, one in enumerate(TENANTS)}
    arguments = AzureTenantKeysArgs(names=names, tenants={one: {ids[one]: "ServicePrincipal"} for one in TENANTS})
    AzureTenantKeys(f"{name}-tenants", arguments)


# The topology, what makes the tenants if it has none itself, and what using a key is called there.
BACKENDS: dict[str, tuple[Make | None, str]] = {
    "eks": (_aws, "unwrap the key of tenant {}"),
    "local-vault": (None, "decrypt with the tenant-{} key"),
    "gke": (_gcp, "decrypt with the tenant-{} key"),
    "aks": (_azure, "unwrap with the tenant-{} key"),
}


@cache
def made(topology: str) -> Documents:
    def admit(environments: dict[str, Any]) -> None:
        if topology == "eks":  # the key's policy has to name them
            for one in environments.values():
                one["tenantKeys"] = True

    return documents(topology, admit, beside=BACKENDS[topology][0])


@pytest.mark.parametrize("topology", BACKENDS)
def test_each_tenant_uses_its_own_key_and_nobody_else_does(topology: str) -> None:
    rows = matrix(made(topology))
    assert [row for row in rows if not row.right] == []
    for environment in ("prod", "nonprod"):
        for tenant in TENANTS:
            action = BACKENDS[topology][1].format(tenant)
            asked = [one for one in rows if (one.question.action, one.question.owner) == (action, environment)]
            allowed = {one.question.identity for one in asked if one.allowed}
            # Azure has no role that manages keys and cannot use them.
            managing = {one for one in allowed if topology == "aks" and one.startswith("administrator")}
            assert allowed - managing == {f"tenant-{tenant} of {environment}"}
            refused = {one.question.identity for one in asked} - allowed
            for other in ("prod", "nonprod"):
                assert f"operator of {other}" in refused
            assert {f"tenant-{one} of {environment}" for one in TENANTS if one != tenant} <= refused


@pytest.mark.parametrize("topology", ["local-vault", "gke"])
def test_who_manages_a_tenants_key_does_not_use_it(topology: str) -> None:
    managing = {"local-vault": "delete the tenant-acme key", "gke": "manage the tenant-acme key"}[topology]
    rows = [one for one in matrix(made(topology)) if one.question.owner == "prod"]
    (manager,) = {one.question.identity for one in rows if one.allowed and one.question.action == managing}
    assert "administrator" in manager
    uses = [one for one in rows if one.question.identity == manager and "crypt with the tenant-" in one.question.action]
    assert uses
    assert not any(one.allowed for one in uses)


def changed(topology: str, token: str, name: str, change: Change) -> Documents:
    return mutations.changed(made(topology), token, name, change)


WIDENED: dict[str, tuple[Callable[[], Documents], str, str]] = {
    "a tenant's role in AWS unwraps with another's name": (
        lambda: changed(
            "eks",
            "aws:iam/rolePolicy:RolePolicy",
            "prod-tenants-tenant-globex-policy",
            instead("policy", "globex", "acme"),
        ),
        "tenant-globex of prod",
        "unwrap the key of tenant acme",
    ),
    "the key in AWS admits every role of the account": (
        lambda: changed(
            "eks",
            "aws:kms/key:Key",
            "prod-foundation-keys-tenants",
            instead("policy", "role/platform/prod/tenants/*", "role/*"),
        ),
        "another principal of prod",
        "unwrap the key of tenant acme",
    ),
    "a tenant's policy in Vault names another's key": (
        lambda: changed(
            "local-vault",
            "vault:index/policy:Policy",
            "prod-tenants-tenant-globex-policy",
            instead("policy", "decrypt/tenant-globex", "decrypt/tenant-acme"),
        ),
        "tenant-globex of prod",
        "decrypt with the tenant-acme key",
    ),
    "the operator's policy in Vault names a tenant's key": (
        lambda: changed(
            "local-vault",
            "vault:index/policy:Policy",
            "prod-foundation-secrets-external-secrets-policy",
            instead("policy", "auth/token/revoke-self", "platform/prod/transit/decrypt/tenant-acme"),
        ),
        "operator of prod",
        "decrypt with the tenant-acme key",
    ),
    "a tenant's role in Vault takes the operator's token": (
        lambda: changed(
            "local-vault",
            "vault:jwt/authBackendRole:AuthBackendRole",
            "nonprod-tenants-tenant-acme-role",
            lambda one: one.update(boundSubject=""),
        ),
        "external-secrets/external-secrets of nonprod",
        "log in as tenant-acme by a token for vault",
    ),
    "who manages a tenant's key in Google Cloud may use it": (
        lambda: changed(
            "gke",
            "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
            "prod-tenants-tenant-acme-admin-group:prod-support@example.com",
            lambda one: one.update(role="roles/cloudkms.cryptoKeyEncrypterDecrypter"),
        ),
        "tenants-administrator of prod",
        "decrypt with the tenant-acme key",
    ),
    "a tenant's grant in Google Cloud is made out to everybody": (
        lambda: changed(
            "gke",
            "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
            f"prod-tenants-tenant-acme-user-{PRINCIPAL}",
            lambda one: one.update(member="allUsers"),
        ),
        "operator of prod",
        "decrypt with the tenant-acme key",
    ),
    "a tenant's grant in Azure is on the whole vault": (
        lambda: changed(
            "aks",
            "azure-native:authorization:RoleAssignment",
            "prod-tenants-tenant-globex-user-40000001-0000-0000-0000-000000000000",
            lambda one: one.update(scope=one["scope"].partition("/keys/")[0]),
        ),
        "tenant-globex of prod",
        "unwrap with the tenant-acme key",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_a_widened_grant_is_seen(name: str) -> None:
    build, identity, action = WIDENED[name]
    wrong = {(one.question.identity, one.question.action) for one in matrix(build()) if one.allowed and not one.right}
    assert (identity, action) in wrong
