"""Azure: whose tokens open the operators' identities, by their federated credentials.

Issuer, subject and audience are compared as they are written, case and all (Microsoft Entra, "Workload identity
federation").
"""

from collections.abc import Iterator
from itertools import product

from bootstrap.proof.offline.clusters import cluster_of
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import presented, strangers

_JUDGE = "federated credentials (own evaluator)"
_CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
_AUDIENCE = "api://AzureADTokenExchange"


def rows(documents: Documents) -> list[Row]:
    """Each cluster's accounts against each environment's identity."""
    trusted = [
        (owner, (one.at("issuer"), one.at("subject"), audience))
        for owner, one in documents.owned(_CREDENTIAL)
        for audience in one.at("audiences")
    ]
    return list(_rows(documents, trusted)) if trusted else []


def _rows(documents: Documents, trusted: list[tuple[str, tuple[str, str, str]]]) -> Iterator[Row]:
    shown = presented(documents)
    owners = sorted({owner for owner, _ in trusted})
    for environment, owner in product(shown, owners):
        account, cluster = shown[environment], cluster_of(documents, environment)
        for asked, audience in product((account, *strangers(account)), (_AUDIENCE, "vault")):
            question = Question(
                identity=str(asked),
                action=f"take the operator's identity by a token for {audience}",
                owner=owner,
                expected=(asked, environment, audience) == (account, owner, _AUDIENCE),
            )
            token = (owner, (str(cluster.issuer), asked.subject, audience))
            yield Row(question=question, allowed=token in trusted, judge=_JUDGE)
