"""DNS-01 in the offline matrix: cert-manager writes ACME's records in one zone, and nobody else is cert-manager."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import AwsDns01Role, AwsDns01RoleArgs, IdentityKind
from tests.fast.components import samples
from tests.fast.proof.beside import names_of, wrong
from tests.fast.proof.mutations import ROLE, ROLE_POLICY, Change, in_statement, policy, statement
from tests.fast.proof.topologies import documents

KINDS = (IdentityKind.IRSA, IdentityKind.POD_IDENTITY)
CHANGE = "route53:ChangeResourceRecordSets"


@cache
def made(kind: IdentityKind) -> Documents:
    def make(name: str, prefix: str, environments: dict[str, Any]) -> None:
        names = names_of(name, prefix, environments)
        zone, zone_id = f"{name}.example.com", f"Z{name.upper()}56789ABCDEFGHIJ"
        issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"  # each environment's own: see `topologies`
        cluster = replace(samples.cluster(), name=f"{prefix}-{name}", issuer_url=issuer)
        arguments = AwsDns01RoleArgs(names=names, cluster=cluster, zone=zone, zone_id=zone_id, kind=kind)
        AwsDns01Role(f"{name}-dns01", arguments)

    return documents("eks", beside=make)


@pytest.mark.parametrize("kind", KINDS)
def test_cert_manager_answers_challenges_and_nothing_else(kind: IdentityKind) -> None:
    rows = matrix(made(kind))
    assert [row for row in rows if not row.right] == []
    allowed = {
        (one.question.action, one.question.owner)
        for one in rows
        if one.allowed and one.question.identity == "dns01 of prod"
    }
    assert allowed == {
        ("answer a challenge in prod.example.com", "prod"),
        ("take a challenge's answer away in prod.example.com", "prod"),
    }
    logins = [one for one in rows if one.question.action.startswith("take the role for DNS-01")]
    account = "acme-dns01" if kind is IdentityKind.IRSA else "cert-manager"
    way = "a token for sts.amazonaws.com" if kind is IdentityKind.IRSA else "any association"
    assert {(one.question.identity, one.question.action) for one in logins if one.allowed} == {
        (f"cert-manager/{account} of {name}", f"take the role for DNS-01 by {way}") for name in ("prod", "nonprod")
    }


def without(operator: str, key: str) -> Change:
    return in_statement("AnswerChallenges", lambda one: one["Condition"][operator].pop(f"{CHANGE}{key}"))


def trusting(change: Callable[[dict[str, Any]], Any], sid: str = "ServiceAccountToken") -> Change:
    return policy("assumeRolePolicy", statement(sid, change))


def no_longer_compared(ending: str) -> Callable[[dict[str, Any]], Any]:
    def change(one: dict[str, Any]) -> None:
        compared = one["Condition"]["StringEquals"]
        del compared[next(name for name in compared if name.endswith(ending))]

    return change


EQUAL, LIKE = "ForAllValues:StringEquals", "ForAllValues:StringLike"
NULL = "Null"
# What is widened, who then does what.
WIDENED: dict[str, tuple[str, Change, str]] = {
    "every type of record": (
        ROLE_POLICY,
        without(EQUAL, "RecordTypes"),
        "write an address at a challenge's name in prod.example.com",
    ),
    "every name": (ROLE_POLICY, without(LIKE, "NormalizedRecordNames"), "write a mail policy in prod.example.com"),
    "every action": (ROLE_POLICY, without(EQUAL, "Actions"), "make a record that is there in prod.example.com"),
    "every zone": (
        ROLE_POLICY,
        in_statement("AnswerChallenges", lambda one: one.update(Resource="arn:aws:route53:::hostedzone/*")),
        "answer a challenge in another zone than prod.example.com",
    ),
    "a name that ends alike": (
        ROLE_POLICY,
        in_statement(
            "AnswerChallenges",
            lambda one: one["Condition"][LIKE].update({f"{CHANGE}NormalizedRecordNames": "*_acme-challenge.*"}),
        ),
        "write a name that ends alike in prod.example.com",
    ),
    "a call that says nothing": (
        ROLE_POLICY,
        in_statement("AnswerChallenges", lambda one: one["Condition"].pop(NULL)),
        "change prod.example.com and not say what",
    ),
    "the records are listed": (
        ROLE_POLICY,
        in_statement("WaitForChanges", lambda one: one.update(Action="route53:*", Resource="*")),
        "ListResourceRecordSets of prod.example.com",
    ),
    "every service account": (
        ROLE,
        trusting(no_longer_compared(":sub")),
        "take the role for DNS-01 by a token for sts.amazonaws.com",
    ),
    "every audience": (ROLE, trusting(no_longer_compared(":aud")), "take the role for DNS-01 by a token for vault"),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    token, change, action = WIDENED[name]
    resource = "prod-dns01-role" if token == ROLE else "prod-dns01-policy"
    assert action in {one.action for one in wrong(made(IdentityKind.IRSA), token, resource, change)}


@pytest.mark.parametrize("tag", ["eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account"])
def test_every_tag_of_the_pod_is_needed(tag: str) -> None:
    change = trusting(no_longer_compared(f"/{tag}"), "PodIdentity")
    found = wrong(made(IdentityKind.POD_IDENTITY), ROLE, "prod-dns01-role", change)
    assert "take the role for DNS-01 by any association" in {one.action for one in found}


def test_a_wider_policy_of_the_role_reads_no_secret() -> None:
    """The keys' policies stand behind it."""
    wide = {"Sid": "Wide", "Effect": "Allow", "Action": ["secretsmanager:*", "kms:*"], "Resource": "*"}
    change = policy("policy", lambda one: one["Statement"].append(wide))
    assert wrong(made(IdentityKind.IRSA), ROLE_POLICY, "prod-dns01-policy", change) == []
