"""Azure and Google Cloud: whose tokens open the identity of an Argo CD hub, and what that holds there.

What it reaches of keys and secrets is asked with everybody else's in `grants.py`; what it may do in a spoke, in
`argocd_spoke.py`.
"""

from collections.abc import Iterator

from bootstrap.proof.offline import grants
from bootstrap.proof.offline.argocd_hub import accounts_of, asking_of
from bootstrap.proof.offline.clusters import cluster_of
from bootstrap.proof.offline.documents import Component, Documents
from bootstrap.proof.offline.google_logins import is_member
from bootstrap.proof.offline.row import Question, Row

_AZURE, _GOOGLE = "AzureArgoCdHubIdentity", "GcpArgoCdHubAccount"
_CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
_USER = "gcp:serviceaccount/iAMMember:IAMMember"
_AUDIENCE = "api://AzureADTokenExchange"
_CREDENTIALS, _WORKLOADS = "federated credentials (own evaluator)", "workload identity (own evaluator)"
_GRANTS = "role grants (own evaluator, copied catalogue)"


def rows(documents: Documents) -> list[Row]:
    """Every question about the hubs."""
    return [*_azure_logins(documents), *_google_logins(documents), *_held(documents)]


def _azure_logins(documents: Documents) -> Iterator[Row]:
    hubs = list(documents.components(_AZURE))
    for environment, hub in hubs:
        for account in asking_of(documents, environment, hub):
            for audience in (_AUDIENCE, "vault"):
                for owner, target in hubs:
                    own = account in accounts_of(owner, target) and hub.at("issuer") == target.at("issuer")
                    question = Question(
                        identity=str(account),
                        action=f"take the hub's identity by a token for {audience}",
                        owner=owner,
                        expected=own and audience == _AUDIENCE,
                    )
                    token = (hub.at("issuer"), account.subject, audience)
                    yield Row(question=question, allowed=token in _trusted(documents, target), judge=_CREDENTIALS)


def _trusted(documents: Documents, hub: Component) -> set[tuple[str, str, str]]:
    return {
        (one.at("issuer"), one.at("subject"), audience)
        for one in documents.of(_CREDENTIAL)
        if one.name.startswith(f"{hub.name}-credential-")
        for audience in one.at("audiences")
    }


def _google_logins(documents: Documents) -> Iterator[Row]:
    hubs = list(documents.components(_GOOGLE))
    for environment, hub in hubs:
        pool = str(cluster_of(documents, environment).pool)
        for account in asking_of(documents, environment, hub):
            for owner, target in hubs:
                question = Question(
                    identity=str(account),
                    action="act as the hub's service account",
                    owner=owner,
                    expected=account in accounts_of(owner, target),
                )
                users = [
                    one.at("member")
                    for one in documents.of(_USER)
                    if str(one.at("serviceAccountId")).endswith(f"/{target.at('email')}")
                ]
                allowed = any(is_member(pool, account, member) for member in users)
                yield Row(question=question, allowed=allowed, judge=_WORKLOADS)


def _held(documents: Documents) -> Iterator[Row]:
    """What the hub's identity holds in the cloud: nothing in Azure, and on Google's side to be let into clusters."""
    hubs = [
        *((owner, hub, str(hub.at("principalId")), grants.azure) for owner, hub in documents.components(_AZURE)),
        *(
            (owner, hub, f"serviceAccount:{hub.at('email')}", grants.google)
            for owner, hub in documents.components(_GOOGLE)
        ),
    ]
    for owner, hub, member, granted in hubs:
        held = {
            (permission, one.scope)
            for one in granted(documents)
            if one.member == member
            for permission in one.permissions
        }
        projects = hub.at("spokeProjects") if hub.kind == _GOOGLE else ()
        meant = {
            (f"container.clusters.{verb}", f"projects/{project}") for project in projects for verb in ("get", "list")
        }
        for permission, scope in sorted(held | meant):
            question = Question(
                identity=f"Argo CD of {owner}",
                action=f"{permission} on {scope.rpartition('/')[2]}",
                owner=owner,
                expected=(permission, scope) in meant,
            )
            yield Row(question=question, allowed=(permission, scope) in held, judge=_GRANTS)
