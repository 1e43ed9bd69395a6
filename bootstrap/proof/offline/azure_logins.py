"""Azure: whose tokens open the operators' and the teams' identities, by their federated credentials.

Issuer, subject and audience are compared as they are written, case and all (Microsoft Entra, "Workload identity
federation").
"""

from collections.abc import Iterator, Mapping
from itertools import product

from bootstrap.proof.offline.clusters import cluster_of
from bootstrap.proof.offline.documents import Documents, own_part
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import OPERATOR, asking, rightful
from bootstrap.proof.offline.teams import scopes

JUDGE = "federated credentials (own evaluator)"
_CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
AUDIENCE = "api://AzureADTokenExchange"
Token = tuple[str, str, str]
"""Issuer, subject and audience."""


def rows(documents: Documents) -> list[Row]:
    """Each cluster's accounts against each environment's identity."""
    of_teams = {(one.environment, one.role) for one in scopes(documents)}
    trusted: dict[tuple[str, str], set[Token]] = {}
    for (owner, identity), tokens in credentials(documents).items():
        role = own_part(identity, owner)
        trusted.setdefault((owner, role if (owner, role) in of_teams else OPERATOR), set()).update(tokens)
    return list(_rows(documents, trusted)) if trusted else []


def credentials(documents: Documents) -> dict[tuple[str, str], set[Token]]:
    """What tokens each identity trusts, by its environment and name."""
    found: dict[tuple[str, str], set[Token]] = {}
    for owner, one in documents.owned(_CREDENTIAL):
        tokens = found.setdefault((owner, one.at("resourceName")), set())
        tokens.update((one.at("issuer"), one.at("subject"), audience) for audience in one.at("audiences"))
    return found


def _rows(documents: Documents, trusted: Mapping[tuple[str, str], set[Token]]) -> Iterator[Row]:
    own = rightful(documents)
    for asked, (owner, role), audience in product(asking(documents), sorted(trusted), (AUDIENCE, "vault")):
        issuer = str(cluster_of(documents, asked.environment).issuer)
        question = Question(
            identity=str(asked),
            action=f"take {'the operator' if role == OPERATOR else role}'s identity by a token for {audience}",
            owner=owner,
            expected=(asked.environment, own.get(asked), audience) == (owner, role, AUDIENCE),
        )
        allowed = (issuer, asked.subject, audience) in trusted[owner, role]
        yield Row(question=question, allowed=allowed, judge=JUDGE)
