"""AWS: who takes the role of an Argo CD hub, which roles that becomes, and who gets into a spoke's cluster by its role.

What the hub's role may do with secrets and keys is asked with everybody else's in `aws.py`.
"""

import json
from collections.abc import Iterator

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.aws import judged, need
from bootstrap.proof.offline.aws_documents import Target, identities
from bootstrap.proof.offline.aws_logins import Asked
from bootstrap.proof.offline.dns01_aws import RIGHTFUL, ways
from bootstrap.proof.offline.documents import Component, Documents, own_part
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import Account, operators, strangers

_HUB, _SPOKE = "AwsArgoCdHubRole", "AwsArgoCdSpokeRole"
_ENTRIES = "access entries (own evaluator)"


def rows(documents: Documents) -> list[Row]:
    """Every question about the hubs and their spokes."""
    hubs, spokes = list(documents.components(_HUB)), list(documents.components(_SPOKE))
    roles = {one.at("arn"): one for one in documents.of("aws:iam/role:Role")}
    asked = [*_logins(documents, hubs, roles), *(_chains(documents, spokes) if hubs or spokes else ())]
    return [*judged(asked), *_entries(documents, spokes)]


def accounts_of(environment: str, hub: Component) -> list[Account]:
    """The service accounts that a hub is meant for."""
    namespace = hub.at("namespace")
    return [Account(environment=environment, namespace=namespace, name=name) for name in hub.at("serviceAccounts")]


def asking_of(documents: Documents, environment: str, hub: Component) -> list[Account]:
    """Argo CD's accounts of a cluster, strangers to each of them, and the operator's."""
    own, running = accounts_of(environment, hub), operators(documents)
    others = [other for account in own for other in strangers(account)]
    return list(dict.fromkeys([*own, *others, *([running[environment]] if environment in running else [])]))


def _logins(documents: Documents, hubs: list[tuple[str, Component]], roles: dict[str, Seen]) -> Iterator[Asked]:
    """Whoever may ask in each cluster, against each hub's role."""
    for environment, hub in hubs:
        for account in asking_of(documents, environment, hub):
            for owner, target in hubs:
                rightful = account in accounts_of(owner, target) and hub.at("issuer") == target.at("issuer")
                for login, needs in ways(hub, account, roles[target.at("roleArn")]):
                    expected = rightful and login == RIGHTFUL[target.at("kind")]
                    action = f"take the hub's role by {login}"
                    yield Question(identity=str(account), action=action, owner=owner, expected=expected), needs


def _chains(documents: Documents, spokes: list[tuple[str, Component]]) -> Iterator[Asked]:
    """Everybody against each spoke's role, and the hubs against every other role of the stack too."""
    hubs = {one.at("roleArn"): one for _, one in documents.components(_HUB)}
    of_spokes = {one.at("roleArn"): one for _, one in spokes}
    for identity in identities(documents):
        hub = hubs.get(identity.arn)
        for owner, role in documents.owned("aws:iam/role:Role"):
            arn = role.at("arn")
            spoke = of_spokes.get(arn)
            if hub is None and spoke is None:
                continue
            meant = hub is not None and spoke is not None and arn in hub.at("spokes")
            expected = meant and spoke is not None and spoke.at("hubRoleArn") == identity.arn
            policy = json.loads(role.at("assumeRolePolicy"))
            target = Target(arn=arn, owner=owner, purpose="role", policy=policy)
            tagged = hub is not None and hub.at("kind") == "podIdentity"  # the session's tags go with it
            actions = ("sts:AssumeRole", "sts:TagSession") if tagged else ("sts:AssumeRole",)
            action = f"become the role {own_part(role.at('name'), owner)}"
            question = Question(identity=str(identity), action=action, owner=owner, expected=expected)
            yield question, [need(identity, one, target, kind="trust") for one in actions]


def _entries(documents: Documents, spokes: list[tuple[str, Component]]) -> Iterator[Row]:
    """What each spoke's cluster takes its role for. What the group may do there is asked in `argocd_spoke.py`."""
    entries = list(documents.of("aws:eks/accessEntry:AccessEntry"))
    policies = list(documents.of("aws:eks/accessPolicyAssociation:AccessPolicyAssociation"))
    for owner, spoke in spokes:
        role = spoke.at("roleArn")
        groups = {
            (one.at("clusterName"), group)
            for one in entries
            if one.at("principalArn") == role
            for group in one.at("kubernetesGroups") or ()
        }
        named = (spoke.at("clusterName"), spoke.at("group"))
        asked = {(f"be {group} in the cluster {cluster}", True, (cluster, group) == named) for cluster, group in groups}
        asked |= {(f"be {named[1]} in the cluster {named[0]}", named in groups, True)}
        asked |= {("have an access policy of EKS", any(one.at("principalArn") == role for one in policies), False)}
        for action, allowed, expected in sorted(asked):
            question = Question(identity=f"the role of {spoke.name}", action=action, owner=owner, expected=expected)
            yield Row(question=question, allowed=allowed, judge=_ENTRIES)
