"""An Argo CD hub on Azure and Google Cloud in the offline matrix. Golden: nothing here runs either of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import (
    AzureArgoCdHubIdentity,
    AzureArgoCdHubIdentityArgs,
    GcpArgoCdHubAccount,
    GcpArgoCdHubAccountArgs,
)
from tests.fast.components import samples, samples_gcp
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.mutations import put
from tests.fast.proof.topologies import documents

CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
USER, PROJECT = "gcp:serviceaccount/iAMMember:IAMMember", "gcp:projects/iAMMember:IAMMember"
ACCOUNTS = ("argocd-application-controller", "argocd-applicationset-controller", "argocd-server")
TAKE, ACT = "take the hub's identity by a token for api://AzureADTokenExchange", "act as the hub's service account"


def _on_azure(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names = names_of(name, prefix, environments)
    issuer = f"https://westeurope.oic.prod-aks.azure.com/tenant/issuer{'' if name == 'prod' else '9'}/"
    cluster = replace(samples.cluster(), issuer_url=issuer)
    AzureArgoCdHubIdentity(f"{name}-argocd", AzureArgoCdHubIdentityArgs(names=names, cluster=cluster))


def _on_google(name: str, prefix: str, environments: dict[str, Any]) -> None:
    names = names_of(name, prefix, environments)
    GcpArgoCdHubAccount(
        f"{name}-argocd",
        GcpArgoCdHubAccountArgs(names=names, cluster=samples_gcp.cluster(), spoke_projects=[f"spokes-of-{name}"]),
    )


@cache
def made(topology: str) -> Documents:
    return documents(topology, beside=_on_azure if topology == "aks" else _on_google)


@pytest.mark.parametrize(("topology", "way"), [("aks", TAKE), ("gke", ACT)])
def test_its_own_service_accounts_are_let_in_and_no_others(topology: str, way: str) -> None:
    rows = matrix(made(topology))
    assert [row for row in rows if not row.right] == []
    logins = {(one.question.identity, one.question.action, one.question.owner) for one in rows if one.allowed}
    assert {one for one in logins if "the hub's" in one[1]} == {
        (f"argocd/{account} of {name}", way, name) for name in ("prod", "nonprod") for account in ACCOUNTS
    }
    held = {one.question.action for one in rows if one.allowed and one.question.identity == "Argo CD of prod"}
    expected = (
        {f"container.clusters.{verb} on spokes-of-prod" for verb in ("get", "list")} if topology == "gke" else set()
    )
    assert held == expected


Spoil = Callable[[dict[str, Any]], Any]
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
# What is widened, and what is then done.
WIDENED: dict[str, tuple[str, str, str, Spoil, str]] = {
    "another account": (
        "aks",
        CREDENTIAL,
        "prod-argocd-credential-argocd-server",
        put(subject="system:serviceaccount:argocd:default"),
        TAKE,
    ),
    "another audience": (
        "aks",
        CREDENTIAL,
        "prod-argocd-credential-argocd-server",
        lambda one: one["audiences"].append("vault"),
        "take the hub's identity by a token for vault",
    ),
    "the operator's grant": (
        "aks",
        ASSIGNMENT,
        "prod-identity-read",
        put(principalId="principal-of-prod-argocd-identity"),
        "Microsoft.KeyVault/vaults/secrets/getSecret/action on platform-prod-secrets",
    ),
    "every account of the cluster": (
        "gke",
        USER,
        "prod-argocd-user-argocd-server",
        lambda one: one.update(
            member="principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/"
            f"{one['member'].partition(':')[2].partition('[')[0]}/*"
        ),
        ACT,
    ),
    "more in the spoke's project": (
        "gke",
        PROJECT,
        "prod-argocd-view-spokes-of-prod",
        put(role="roles/secretmanager.secretAccessor"),
        "secretmanager.versions.access on spokes-of-prod",
    ),
    "another project": (
        "gke",
        PROJECT,
        "prod-argocd-view-spokes-of-prod",
        put(project="others"),
        "container.clusters.get on others",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    topology, token, resource, change, action = WIDENED[name]
    assert action in {one.action for one in wrong(made(topology), token, resource, change)}


def test_a_role_in_azure_is_seen() -> None:
    found = made("aks")
    (identity,) = [one for _, one in found.components("AzureArgoCdHubIdentity") if one.name == "prod-argocd"]
    scope = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/any"
    given = {
        "principalId": identity.at("principalId"),
        "scope": scope,
        "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}",
    }
    widened = Documents([*found.resources, Seen(token=ASSIGNMENT, name="prod-argocd-more", properties=given)])
    seen = {one.question.action for one in matrix(widened) if one.allowed and not one.right}
    assert "Microsoft.KeyVault/vaults/secrets/getSecret/action on any" in seen


@pytest.mark.parametrize(
    ("topology", "token", "resource", "change", "action"),
    [
        ("aks", CREDENTIAL, "prod-argocd-credential-argocd-server", put(audiences=[]), TAKE),
        ("gke", USER, "prod-argocd-user-argocd-server", put(member="user:x@example.com"), ACT),
        (
            "gke",
            PROJECT,
            "prod-argocd-view-spokes-of-prod",
            put(member="user:x@example.com"),
            "container.clusters.get on",
        ),
    ],
)
def test_a_hub_that_is_not_let_in_is_seen(topology: str, token: str, resource: str, change: Spoil, action: str) -> None:
    lost = wrong(made(topology), token, resource, change, allowed=False)
    assert any(one.action.startswith(action) for one in lost)
