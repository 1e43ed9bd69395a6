"""The offline matrix turns red as soon as somebody else's token opens an operator's identity, or its own does not."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fast.proof.mutations import (
    ROLE,
    SECRET_MEMBER,
    Case,
    changed,
    mutated,
    policy,
    put,
    statement,
    wrong,
)

ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
VAULT_ROLE = "vault:kubernetes/authBackendRole:AuthBackendRole"
VAULT_JWT_ROLE = "vault:jwt/authBackendRole:AuthBackendRole"
IMPERSONATION = "gcp:serviceaccount/iAMMember:IAMMember"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
POOL = (
    "principalSet://iam.googleapis.com/projects/111122223333/locations/global/workloadIdentityPools/"
    "example-platform-prod.svc.id.goog/"
)


def without_claim(claim: str) -> Callable[[dict[str, Any]], None]:
    """The operator's role of `local` compares one claim less of the tokens that open it."""

    def change(one: dict[str, Any]) -> None:
        compared = one["Condition"]["StringEquals"]
        del compared[next(key for key in compared if key.endswith(f":{claim}"))]

    return policy("assumeRolePolicy", statement("ServiceAccountToken", change))


def without_tag(tag: str) -> Callable[[dict[str, Any]], None]:
    """The operator's role of `eks` asks for one tag less of the pods that open it."""
    return policy(
        "assumeRolePolicy",
        statement("PodIdentity", lambda one: one["Condition"]["StringEquals"].pop(f"aws:RequestTag/{tag}")),
    )


def trust_another_cluster(one: dict[str, Any]) -> None:
    one["Condition"]["StringEquals"]["aws:RequestTag/eks-cluster-arn"] = "arn:of:another"


def trust_every_pod(document: Any) -> None:
    actions = ["sts:AssumeRole", "sts:TagSession"]
    agent = {"Service": "pods.eks.amazonaws.com"}
    document["Statement"].append({"Effect": "Allow", "Action": actions, "Principal": agent})


# Each login that is opened to others, with what they then may.
OPENED: dict[str, Case] = {
    "the role trusts every account of the cluster": (
        lambda: mutated("local", ROLE, "prod-identity-role", without_claim("sub")),
        "take the operator's role by a token for sts.amazonaws.com",
    ),
    "the role trusts every audience": (
        lambda: mutated("local", ROLE, "prod-identity-role", without_claim("aud")),
        "take the operator's role by a token for vault",
    ),
    "Vault's role takes every service account of its namespace": (
        lambda: mutated(
            "local-vault",
            VAULT_ROLE,
            "prod-identity-role",
            put(boundServiceAccountNames=["*"]),
        ),
        "log in as the operator by a token for vault",
    ),
    "Vault's role takes every subject": (
        lambda: mutated("local-vault", VAULT_JWT_ROLE, "nonprod-identity-role", put(boundSubject="")),
        "log in as the operator by a token for vault",
    ),
    "Vault's role takes every namespace": (
        lambda: mutated(
            "local-vault",
            VAULT_ROLE,
            "prod-identity-role",
            put(boundServiceAccountNamespaces=["def*"]),
        ),
        "log in as the operator by a token for vault",
    ),
    "Vault's role takes namespaces by their labels": (
        lambda: mutated(
            "local-vault",
            VAULT_ROLE,
            "prod-identity-role",
            put(boundServiceAccountNamespaceSelector='{"matchLabels": {"team": "a"}}'),
        ),
        "log in as the operator by a token for vault",
    ),
    "Vault's Kubernetes role asks for no audience": (
        lambda: mutated("local-vault", VAULT_ROLE, "prod-identity-role", put(audience=None)),
        "log in as the operator by a token for the cluster",
    ),
    "Vault's JWT role takes tokens for AWS": (
        lambda: mutated(
            "local-vault",
            VAULT_JWT_ROLE,
            "nonprod-identity-role",
            put(boundAudiences=["vault", "sts.amazonaws.com"]),
        ),
        "log in as the operator by a token for sts.amazonaws.com",
    ),
    "prod's method in Vault trusts nonprod's cluster": (
        lambda: mutated(
            "local-vault",
            "vault:kubernetes/authBackendConfig:AuthBackendConfig",
            "prod-identity-settings",
            put(kubernetesHost="https://127.0.0.1:145819"),
        ),
        "log in as the operator by a token for vault",
    ),
    **{
        f"the role trusts every pod of another {tag}": (
            lambda tag=tag: mutated("eks", ROLE, "prod-identity-role", without_tag(tag)),
            "take the operator's role by any association",
        )
        for tag in ("kubernetes-namespace", "kubernetes-service-account")
    },
    "nonprod's role trusts every pod of every cluster": (
        lambda: mutated("eks", ROLE, "nonprod-identity-role", policy("assumeRolePolicy", trust_every_pod)),
        "take the operator's role by any association",
    ),
    "an association gives the role to a namespace that it trusts": (
        lambda: changed(
            mutated("eks", ROLE, "prod-identity-role", without_tag("kubernetes-namespace")),
            ASSOCIATION,
            "prod-identity-association",
            put(namespace="default"),
        ),
        "be given the operator's role by its association",
    ),
    "Azure's credential trusts another account": (
        lambda: mutated(
            "aks",
            CREDENTIAL,
            "prod-identity-credential",
            put(subject="system:serviceaccount:external-secrets:default"),
        ),
        "take the operator's identity by a token for api://AzureADTokenExchange",
    ),
    "Azure's credential takes tokens for Vault": (
        lambda: mutated(
            "aks",
            CREDENTIAL,
            "prod-identity-credential",
            put(audiences=["api://AzureADTokenExchange", "vault"]),
        ),
        "take the operator's identity by a token for vault",
    ),
    "Azure's credential of prod trusts nonprod's issuer": (
        lambda: mutated(
            "aks",
            CREDENTIAL,
            "prod-identity-credential",
            put(issuer="https://westeurope.oic.prod-aks.azure.com/tenant/issuer9/"),
        ),
        "take the operator's identity by a token for api://AzureADTokenExchange",
    ),
    "Google's service account is lent to another account": (
        lambda: mutated(
            "gke",
            IMPERSONATION,
            "nonprod-identity-workload-identity-user",
            put(member="serviceAccount:example-platform-nonprod.svc.id.goog[default/external-secrets]"),
        ),
        "read the secret database by a token of its own",
    ),
    "Google's service account is lent to prod's cluster": (
        lambda: mutated(
            "gke",
            IMPERSONATION,
            "nonprod-identity-workload-identity-user",
            put(member="serviceAccount:example-platform-prod.svc.id.goog[external-secrets/external-secrets]"),
        ),
        "read the secret database by a token of its own",
    ),
    **{
        f"Google's grant is made out to {what}": (
            lambda rest=rest: mutated("gke", SECRET_MEMBER, "prod-identity-reads-database", put(member=POOL + rest)),
            "read the secret database by a token of its own",
        )
        for what, rest in (("a namespace", "namespace/external-secrets"), ("the whole pool", "*"))
    },
}

# What the operator needs to get in, changed, with what it then may not do.
LOST: dict[str, Case] = {
    "the association is for another account": (
        lambda: mutated(
            "eks",
            ASSOCIATION,
            "prod-identity-association",
            put(serviceAccount="default"),
        ),
        "be given the operator's role by its association",
    ),
    "the association is with another cluster": (
        lambda: mutated(
            "eks",
            ASSOCIATION,
            "prod-identity-association",
            put(clusterName="platform-nonprod"),
        ),
        "be given the operator's role by its association",
    ),
    "the trust names another cluster": (
        lambda: mutated(
            "eks",
            ROLE,
            "prod-identity-role",
            policy(
                "assumeRolePolicy",
                statement(
                    "PodIdentity",
                    lambda one: one["Condition"]["StringEquals"].update(
                        {"aws:RequestTag/eks-cluster-arn": "arn:other"}
                    ),
                ),
            ),
        ),
        "take the operator's role by any association",
    ),
    "IAM knows another issuer than the cluster's": (
        lambda: mutated(
            "local",
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            "prod-identity-issuer",
            put(url="https://issuer.example.com"),
        ),
        "take the operator's role by a token for sts.amazonaws.com",
    ),
    "the credential has another case of the issuer": (
        lambda: mutated(
            "aks",
            CREDENTIAL,
            "prod-identity-credential",
            put(issuer="https://westeurope.oic.prod-aks.azure.com/tenant/Issuer/"),
        ),
        "take the operator's identity by a token for api://AzureADTokenExchange",
    ),
    "Vault trusts another issuer": (
        lambda: mutated(
            "local-vault", "vault:jwt/authBackend:AuthBackend", "nonprod-identity-method", put(boundIssuer="https://x")
        ),
        "log in as the operator by a token for vault",
    ),
}


@pytest.mark.parametrize("name", OPENED)
def test_a_login_of_others_is_seen(name: str) -> None:
    made, action = OPENED[name]
    assert action in {row.question.action for row in wrong(made()) if row.allowed}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_login_is_seen(name: str) -> None:
    made, action = LOST[name]
    assert action in {row.question.action for row in wrong(made()) if not row.allowed}
