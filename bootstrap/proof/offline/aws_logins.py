"""AWS: whose tokens and whose pods open the operators' and the teams' roles, by trust policies and associations."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.clusters import cluster_of, clusters
from bootstrap.proof.offline.documents import Documents, own_part
from bootstrap.proof.offline.row import Question
from bootstrap.proof.offline.service_accounts import OPERATOR, Account, asking, presented, rightful, strangers
from bootstrap.proof.offline.teams import scopes

Need = dict[str, Any]
Asked = tuple[Question, list[Need] | None]
"""A question and all that has to be allowed. None: refused before any policy is asked."""
AUDIENCE = "sts.amazonaws.com"
_AGENT = "pods.eks.amazonaws.com"
_ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"


def logins(documents: Documents) -> Iterator[Asked]:
    """Each cluster's accounts against each environment's role."""
    yield from _by_token(documents)
    yield from _by_association(documents)


def role_of(owner: str, name: str) -> str:
    """What a role of an environment is, by its name."""
    called = own_part(name, owner)
    return OPERATOR if called == "external-secrets" else called


def _roles(documents: Documents) -> list[tuple[str, str, Seen]]:
    """Environment, what it is, and the role, of each that a store's account takes."""
    taken = {(one.environment, one.role) for one in scopes(documents)}
    found = [(owner, role_of(owner, one.at("name")), one) for owner, one in documents.owned("aws:iam/role:Role")]
    return [one for one in found if one[1] == OPERATOR or one[:2] in taken]


def operators_roles(documents: Documents) -> list[tuple[str, Seen]]:
    """The role of each environment's operator."""
    return [(owner, role) for owner, who, role in _roles(documents) if who == OPERATOR]


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Who issues the tokens of an environment's cluster, and the provider that IAM knows it by."""

    url: str
    provider: Seen


def issuers(documents: Documents) -> dict[str, Issuer]:
    """Of each environment whose operator presents tokens."""
    trusts = {owner: str(role.at("assumeRolePolicy")) for owner, role in operators_roles(documents)}
    known = clusters(documents)
    return {
        # Of a control plane of one's own no document says who issues its tokens.
        owner: Issuer(url=str(known[owner].issuer if owner in known else one.at("url")), provider=one)
        for owner, one in documents.owned("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
        # Beside the cluster's there may be those of others, such as CI's platform.
        if f'"{one.at("arn")}"' in trusts.get(owner, "")
    }


def by_token(role: Seen, account: Account, issuer: Issuer, audience: str = AUDIENCE) -> list[Need] | None:
    """What has to hold for a service account's token to open a role. None: IAM does not know its issuer."""
    if issuer.provider.at("url") != issuer.url:
        return None
    host = issuer.url.removeprefix("https://")
    said = {f"{host}:sub": account.subject, f"{host}:aud": audience}
    return [trust(role, issuer.provider.at("arn"), "sts:AssumeRoleWithWebIdentity", said)]


def _by_token(documents: Documents) -> Iterator[Asked]:
    known, own = issuers(documents), rightful(documents)
    for asked, (owner, who, role), audience in product(asking(documents), _roles(documents), (AUDIENCE, "vault")):
        if asked.environment in known:
            question = Question(
                identity=str(asked),
                action=f"take {'the operator' if who == OPERATOR else who}'s role by a token for {audience}",
                owner=owner,
                expected=(asked.environment, own.get(asked), audience) == (owner, who, AUDIENCE),
            )
            yield question, by_token(role, asked, known[asked.environment], audience)


def _by_association(documents: Documents) -> Iterator[Asked]:
    """A pod gets what its cluster has an association for, and only if the role trusts the pod by the agent's tags. The
    trust is also asked alone: it has to hold whatever associations somebody adds."""
    operators = {role.at("arn") for _, role in operators_roles(documents)}
    made = {
        (owner, one.at("clusterName"), one.at("namespace"), one.at("serviceAccount"), one.at("roleArn"))
        for owner, one in documents.owned(_ASSOCIATION)
        if one.at("roleArn") in operators  # others have theirs, such as cert-manager
    }
    for environment in sorted({owner for owner, *_ in made}):
        account, cluster = presented(documents)[environment], cluster_of(documents, environment)
        for (owner, role), asked in product(operators_roles(documents), (account, *strangers(account))):
            mine = asked == account and environment == owner
            tags = agents_tags(str(cluster.arn), cluster.name, asked)
            trusted = [trust(role, _AGENT, action, tags) for action in ("sts:AssumeRole", "sts:TagSession")]
            wanted = (environment, cluster.name, asked.namespace, asked.name, role.at("arn"))
            for action, needs in (
                ("be given the operator's role by its association", trusted if wanted in made else None),
                ("take the operator's role by any association", trusted),
            ):
                yield Question(identity=str(asked), action=action, owner=owner, expected=mine), needs


def agents_tags(cluster_arn: str, cluster_name: str, account: Account) -> dict[str, Any]:
    """What the agent says of the pod (EKS User Guide, "Grant Pods access to AWS resources based on tags")."""
    tags = {
        "eks-cluster-arn": cluster_arn,
        "eks-cluster-name": cluster_name,
        "kubernetes-namespace": account.namespace,
        "kubernetes-service-account": account.name,
    }
    return {**{f"aws:RequestTag/{name}": value for name, value in tags.items()}, "aws:TagKeys": sorted(tags)}


def trust(role: Seen, principal: str, action: str, context: Mapping[str, Any]) -> Need:
    """What a role's trust policy is asked about somebody whom no other policy speaks of."""
    arn = role.at("arn")
    return {
        "principal": principal,
        "action": action,
        "resource": arn,
        "account": arn.split(":")[4],
        "context": dict(context),
        "identityPolicies": [],
        "resourcePolicy": json.loads(role.at("assumeRolePolicy")),
        "resourceKind": "trust",
    }
