"""An Argo CD hub on AWS in the offline matrix: who becomes the hub, and whom the hub becomes."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import (
    AwsArgoCdHubRole,
    AwsArgoCdHubRoleArgs,
    AwsArgoCdSpokeRole,
    AwsArgoCdSpokeRoleArgs,
    IdentityKind,
)
from tests.fast.components import samples
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.mutations import ROLE, ROLE_POLICY, Change, changed, in_statement, instead, policy, statement
from tests.fast.proof.topologies import documents

KINDS = (IdentityKind.IRSA, IdentityKind.POD_IDENTITY)
ENTRY = "aws:eks/accessEntry:AccessEntry"
ACCOUNTS = ("argocd-application-controller", "argocd-applicationset-controller", "argocd-server")
INTO_THE_HUB = "take the hub's role by "
INTO_A_SPOKE = "become the role argocd-spoke"


@cache
def made(kind: IdentityKind) -> Documents:
    """Each environment's Argo CD is the hub of its own cluster alone."""

    def make(name: str, prefix: str, environments: dict[str, Any]) -> None:
        names = names_of(name, prefix, environments)
        issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"  # each environment's own: see `topologies`
        cluster = replace(samples.cluster(), name=f"{prefix}-{name}", issuer_url=issuer)
        spokes = [names.role_arn("argocd-spoke")]
        hub = AwsArgoCdHubRole(
            f"{name}-hub", AwsArgoCdHubRoleArgs(names=names, cluster=cluster, spokes=spokes, kind=kind)
        )
        AwsArgoCdSpokeRole(
            f"{name}-spoke",
            AwsArgoCdSpokeRoleArgs(names=names, cluster=cluster, hub_role_arn=hub.role_arn, hub_kind=kind),
        )

    return documents("eks", beside=make)


@pytest.mark.parametrize("kind", KINDS)
def test_argo_cd_becomes_its_spokes_and_nobody_else_does(kind: IdentityKind) -> None:
    rows = matrix(made(kind))
    assert [row for row in rows if not row.right] == []
    way = "a token for sts.amazonaws.com" if kind is IdentityKind.IRSA else "any association"
    allowed = {(one.question.identity, one.question.action, one.question.owner) for one in rows if one.allowed}
    assert {one for one in allowed if one[1].startswith(INTO_THE_HUB)} == {
        (f"argocd/{account} of {name}", f"{INTO_THE_HUB}{way}", name)
        for name in ("prod", "nonprod")
        for account in ACCOUNTS
    }
    assert {one for one in allowed if "argocd-hub of" in one[0]} == {
        (f"argocd-hub of {name}", INTO_A_SPOKE, name) for name in ("prod", "nonprod")
    }
    assert {one for one in allowed if one[1] == INTO_A_SPOKE and "argocd-hub" not in one[0]} == set()
    assert {one for one in allowed if one[0] == "the role of prod-spoke"} == {
        ("the role of prod-spoke", "be argocd-hub in the cluster platform-prod", "prod")
    }


def trusting(sid: str, change: Callable[[dict[str, Any]], Any]) -> Change:
    return policy("assumeRolePolicy", statement(sid, change))


def no_longer_compared(ending: str) -> Callable[[dict[str, Any]], Any]:
    def change(one: dict[str, Any]) -> None:
        compared = one["Condition"]["StringEquals"]
        del compared[next(name for name in compared if name.endswith(ending))]

    return change


def whole_account(one: dict[str, Any]) -> None:
    one["Principal"]["AWS"] = f"{one['Principal']['AWS'].rpartition(':')[0]}:root"


# What is widened, and who then does what to whose.
WIDENED: dict[str, tuple[str, str, Change, str, str]] = {
    "every service account": (
        ROLE,
        "prod-hub-role",
        trusting("ServiceAccountTokens", no_longer_compared(":sub")),
        "argocd/default of prod",
        f"{INTO_THE_HUB}a token for sts.amazonaws.com",
    ),
    "every audience": (
        ROLE,
        "prod-hub-role",
        trusting("ServiceAccountTokens", no_longer_compared(":aud")),
        "argocd/argocd-server of prod",
        f"{INTO_THE_HUB}a token for vault",
    ),
    "the spoke trusts its whole account": (
        ROLE,
        "prod-spoke-role",
        trusting("Hub", whole_account),
        "another principal of prod",
        INTO_A_SPOKE,
    ),
    "the spoke trusts everybody": (
        ROLE,
        "prod-spoke-role",
        trusting("Hub", lambda one: one.update(Principal="*")),
        "another principal of nonprod",
        INTO_A_SPOKE,
    ),
    "the operator's role trusts the account, and the hub may become anybody": (
        ROLE_POLICY,
        "prod-hub-policy",
        in_statement("EnterSpokes", lambda one: one.update(Resource="*")),
        "argocd-hub of prod",
        "become the role external-secrets",
    ),
    "a group of Kubernetes' own": (
        ENTRY,
        "prod-spoke-access",
        lambda one: one["kubernetesGroups"].append("system:masters"),
        "the role of prod-spoke",
        "be system:masters in the cluster platform-prod",
    ),
    "another cluster": (
        ENTRY,
        "prod-spoke-access",
        instead("clusterName", "prod", "nonprod"),
        "the role of prod-spoke",
        "be argocd-hub in the cluster platform-nonprod",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    token, resource, change, identity, action = WIDENED[name]
    found = made(IdentityKind.IRSA)
    if "external-secrets" in action:
        found = trusting_its_account(found)
    assert (identity, action) in {(one.identity, one.action) for one in wrong(found, token, resource, change)}


def trusting_its_account(found: Documents) -> Documents:
    """The operator's role of prod trusts its account: then only the hub's own policy stands between them."""

    def trust(one: dict[str, Any]) -> None:
        document = json.loads(one["assumeRolePolicy"])
        root = f"{one['arn'].partition(':role/')[0]}:root"
        document["Statement"].append({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"})
        one["assumeRolePolicy"] = json.dumps(document)

    (operator,) = [one.name for one in found.of(ROLE) if one.at("name") == "platform-prod-external-secrets"]
    return changed(found, ROLE, operator, trust)


@pytest.mark.parametrize("tag", ["eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account"])
def test_every_tag_of_the_pod_is_needed(tag: str) -> None:
    change = trusting("PodIdentity", no_longer_compared(f"/{tag}"))
    found = wrong(made(IdentityKind.POD_IDENTITY), ROLE, "prod-hub-role", change)
    assert f"{INTO_THE_HUB}any association" in {one.action for one in found}


def test_an_access_policy_is_seen() -> None:
    found = made(IdentityKind.IRSA)
    (spoke,) = [one for one in found.of(ROLE) if one.name == "prod-spoke-role"]
    token = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
    given = Seen(token=token, name="prod-spoke-admin", properties={"principalArn": spoke.at("arn")})
    rows = [one for one in matrix(Documents([*found.resources, given])) if not one.right]
    assert [one.question.action for one in rows] == ["have an access policy of EKS"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("token", "name", "field"),
    [(ROLE_POLICY, "prod-hub-policy", "policy"), (ROLE, "prod-spoke-role", "assumeRolePolicy")],
)
def test_a_hub_that_is_not_let_in_is_seen(kind: IdentityKind, token: str, name: str, field: str) -> None:
    sid = "EnterSpokes" if field == "policy" else "Hub"
    denied = policy(field, statement(sid, lambda one: one.update(Effect="Deny")))
    lost = wrong(made(kind), token, name, denied, allowed=False)
    assert [(one.identity, one.action) for one in lost] == [("argocd-hub of prod", INTO_A_SPOKE)]


def test_a_wider_policy_of_the_hub_reads_no_secret() -> None:
    """The keys' policies stand behind it."""
    wide = {"Sid": "Wide", "Effect": "Allow", "Action": ["secretsmanager:*", "kms:*"], "Resource": "*"}
    change = policy("policy", lambda one: one["Statement"].append(wide))
    assert wrong(made(IdentityKind.IRSA), ROLE_POLICY, "prod-hub-policy", change) == []
