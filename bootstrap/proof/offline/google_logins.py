"""Google Cloud: which service accounts of which cluster are the members that operators' and teams' grants are made to.

A service account is a member by its own name in the project's pool, by a set that holds it, or by a service account of
IAM that it may act as. The forms: GKE, "Authenticate to Google Cloud APIs from GKE workloads"; IAM, "Principal
identifiers".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from bootstrap.proof.offline import catalogue
from bootstrap.proof.offline.clusters import Cluster, cluster_of
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import OPERATOR, Account, asking, rightful
from bootstrap.proof.offline.teams import readers, scopes

JUDGE = "workload identity (own evaluator)"
ANYBODY = ("allUsers", "allAuthenticatedUsers")
_FEDERATED = re.compile(
    r"(?P<kind>principal|principalSet)://iam\.googleapis\.com/projects/[0-9]+/locations/global/"
    r"workloadIdentityPools/(?P<pool>[^/]+)/(?P<rest>.+)"
)
_READ = "secretmanager.versions.access"


def rows(documents: Documents) -> list[Row]:
    """Each cluster's accounts against each environment's containers."""
    return list(_rows(documents))


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container: its environment and name there, who reads it by the design, and the members who do."""

    owner: str
    name: str
    roles: frozenset[str]
    members: frozenset[str]

    def opens_to(self, account: Account, cluster: Cluster) -> bool:
        """Whether a service account of a cluster is, or may act as, one of the members."""
        return any(is_member(str(cluster.pool), account, one) for one in self.members)


def containers(documents: Documents) -> Iterator[Container]:
    """All of them, in a stack that grants reading on any."""
    grants = [
        one
        for one in documents.of("gcp:secretmanager/secretIamMember:SecretIamMember")
        if _READ in catalogue.GOOGLE[one.at("role")]
    ]
    of_teams = scopes(documents)
    for owner, secret in documents.owned("gcp:secretmanager/secret:Secret") if grants else ():
        path = f"projects/{secret.at('project')}/secrets/{secret.at('secretId')}"
        members = {one.at("member") for one in grants if one.at("secretId") == path}
        name = str(secret.at("secretId")).partition(f"--{owner}--")[2]
        yield Container(
            owner=owner,
            name=name,
            roles=frozenset({OPERATOR} | readers(of_teams, owner, name, "--")),
            members=frozenset(members | {user for member in members for user in _users(documents, member)}),
        )


def _rows(documents: Documents) -> Iterator[Row]:
    own = rightful(documents)
    for container, asked in product(containers(documents), asking(documents)):
        question = Question(
            identity=str(asked),
            action=f"read the secret {container.name} by a token of its own",
            owner=container.owner,
            expected=asked.environment == container.owner and own.get(asked) in container.roles,
        )
        allowed = container.opens_to(asked, cluster_of(documents, asked.environment))
        yield Row(question=question, allowed=allowed, judge=JUDGE)


def _users(documents: Documents, member: str) -> Iterator[str]:
    """Who may act as a member that is a service account of IAM, in whatever role."""
    email = member.partition("serviceAccount:")[2]
    for one in documents.of("gcp:serviceaccount/iAMMember:IAMMember") if email else ():
        if str(one.at("serviceAccountId")).endswith(f"/{email}"):
            yield one.at("member")


def is_member(pool: str, account: Account, member: str) -> bool:
    """Whether a member is, or holds, a service account of the cluster whose pool it is."""
    federated = _FEDERATED.fullmatch(member)
    if federated is None:
        return member in (*ANYBODY, f"serviceAccount:{pool}[{account.namespace}/{account.name}]")
    if federated["kind"] == "principal":
        subject = f"subject/ns/{account.namespace}/sa/{account.name}"
        return (federated["pool"], federated["rest"]) == (pool, subject)
    # Of the sets only a namespace's is looked into: every other one is taken for the whole pool.
    is_namespace, _, namespace = federated["rest"].partition("namespace/")
    return federated["pool"] == pool and (bool(is_namespace) or namespace in ("", account.namespace))
