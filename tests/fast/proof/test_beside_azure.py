"""CI and DNS-01 on Azure in the offline matrix. Golden: nothing here runs Azure, and what roles hold is a copy."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import (
    AzureCiIdentity,
    AzureCiIdentityArgs,
    AzureDns01Identity,
    AzureDns01IdentityArgs,
    github_ci,
)
from tests.fast.components import samples, samples_ci
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.topologies import documents

CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
DEFINITION = "azure-native:authorization:RoleDefinition"


def _make(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names = names_of(name, prefix, environments)
    group = f"/subscriptions/{names.subscription_id}/resourceGroups/{names.resource_group}/providers"
    registry = f"{group}/Microsoft.ContainerRegistry/registries/acme{name}"
    subject = github_ci("acme", "shop", **samples_ci.IDS, environment=name)
    AzureCiIdentity(
        f"{name}-ci-images", AzureCiIdentityArgs(names=names, purpose="images", subject=subject, push=[registry])
    )
    issuer = f"https://westeurope.oic.prod-aks.azure.com/tenant/issuer{'' if name == 'prod' else '9'}/"
    cluster = replace(samples.cluster(), issuer_url=issuer)
    zone = f"{group}/Microsoft.Network/dnsZones/{name}.example.com"
    AzureDns01Identity(f"{name}-dns01", AzureDns01IdentityArgs(names=names, cluster=cluster, zone_id=zone))


@cache
def made() -> Documents:
    return documents("aks", beside=_make)


def test_each_identity_is_for_its_own_and_reaches_its_own() -> None:
    rows = matrix(made())
    assert [row for row in rows if not row.right] == []
    logins = [one for one in rows if one.question.action.startswith("take the identity ")]
    admitted = {one.question.identity.partition(" (")[0] for one in logins if one.allowed}
    assert admitted == {
        "a job that is meant",
        "cert-manager/cert-manager of prod",
        "cert-manager/cert-manager of nonprod",
    }
    strangers = {one.question.identity.partition(" (")[0] for one in logins if not one.allowed}
    assert {"a job of a fork", "a job of another repository", "a pull request"} <= strangers
    reached = {
        (one.question.identity, one.question.action)
        for one in rows
        if one.allowed
        and one.question.owner == "prod"
        and one.question.identity.split()[0] in {"prod-ci-images", "cert-manager"}
    }
    assert reached == {
        ("prod-ci-images of prod", "pull from the registry acmeprod"),
        ("prod-ci-images of prod", "push to the registry acmeprod"),
        ("cert-manager of prod", "answer a challenge in prod.example.com"),
    }
    refused = {(one.question.identity, one.question.action) for one in rows if not one.allowed}
    for identity in ("CI of prod", "cert-manager of prod", "CI of nonprod"):
        assert (identity, "read the secret database") in refused


Spoil = Callable[[dict[str, Any]], Any]
GRANT = "prod-ci-images-push-acmeprod"
# What is widened, and what is then done.
WIDENED: dict[str, tuple[str, str, Spoil, str]] = {
    "another sub": (
        CREDENTIAL,
        "prod-ci-images-credential-0",
        lambda one: one.update(subject="repo:acme@123456/shop@456789:pull_request"),
        "take the identity ",
    ),
    "another audience": (
        CREDENTIAL,
        "prod-ci-images-credential-0",
        lambda one: one["audiences"].append("another"),
        "take the identity ",
    ),
    "every account called alike": (
        CREDENTIAL,
        "prod-dns01-credential",
        lambda one: one.update(subject="system:serviceaccount:default:cert-manager"),
        "take the identity ",
    ),
    "every registry": (
        ASSIGNMENT,
        GRANT,
        lambda one: one.update(scope=one["scope"].rpartition("/providers/")[0]),
        "push to the registry acmeprodother",
    ),
    "a vault": (
        ASSIGNMENT,
        GRANT,
        lambda one: one.update(
            scope=one["scope"].rpartition("/providers/")[0],
            roleDefinitionId=one["roleDefinitionId"].replace(
                "8311e382-0749-4cb8-b61a-304f252e45ec", "4633458b-17de-408a-b874-0445c86b69e6"
            ),
        ),
        "read the secret database",
    ),
    "the operator's grant": (
        ASSIGNMENT,
        "prod-identity-read",
        lambda one: one.update(principalId="principal-of-prod-ci-images-identity"),
        "read the secret database",
    ),
    "every zone": (
        ASSIGNMENT,
        "prod-dns01-grant",
        lambda one: one.update(scope=one["scope"].rpartition("/providers/")[0]),
        "answer a challenge in another zone than prod.example.com",
    ),
    "every type of record": (
        DEFINITION,
        "prod-dns01-role",
        lambda one: one["permissions"][0]["actions"].append("Microsoft.Network/dnsZones/*"),
        "write an address in prod.example.com",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    token, resource, change, action = WIDENED[name]
    found = wrong(made(), token, resource, change)
    assert any(one.action.startswith(action) for one in found)
