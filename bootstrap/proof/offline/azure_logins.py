"""Azure: whose tokens open the operators' and the teams' identities, by their federated credentials.

Issuer, subject and audience are compared as they are written, case and all (Microsoft Entra, "Workload identity
federation").
"""

from collections.abc import Iterator, Mapping
from itertools import product

from bootstrap.proof.offline.clusters import cluster_of
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import OPERATOR, asking, rightful
from bootstrap.proof.offline.teams import scopes

_JUDGE = "federated credentials (own evaluator)"
_CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
_AUDIENCE = "api://AzureADTokenExchange"
_Token = tuple[str, str, str]


def rows(documents: Documents) -> list[Row]:
    """Each cluster's accounts against each environment's identity."""
    of_teams = {(one.environment, one.role) for one in scopes(documents)}
    trusted: dict[tuple[str, str], set[_Token]] = {}
    for owner, one in documents.owned(_CREDENTIAL):
        role = str(one.at("resourceName")).partition(f"-{owner}-")[2]
        tokens = trusted.setdefault((owner, role if (owner, role) in of_teams else OPERATOR), set())
        tokens.update((one.at("issuer"), one.at("subject"), audience) for audience in one.at("audiences"))
    return list(_rows(documents, trusted)) if trusted else []


def _rows(documents: Documents, trusted: Mapping[tuple[str, str], set[_Token]]) -> Iterator[Row]:
    own = rightful(documents)
    for asked, (owner, role), audience in product(asking(documents), sorted(trusted), (_AUDIENCE, "vault")):
        issuer = str(cluster_of(documents, asked.environment).issuer)
        question = Question(
            identity=str(asked),
            action=f"take {'the operator' if role == OPERATOR else role}'s identity by a token for {audience}",
            owner=owner,
            expected=(asked.environment, own.get(asked), audience) == (owner, role, _AUDIENCE),
        )
        allowed = (issuer, asked.subject, audience) in trusted[owner, role]
        yield Row(question=question, allowed=allowed, judge=_JUDGE)
