"""Each environment's cluster, as those know it who trust its tokens."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bootstrap.errors import BootstrapError
from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.documents import Documents


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What a cluster's tokens say of it. Each is None where its kind has no such thing.

    issuer: the `iss` of its tokens. endpoint: its API. arn: what EKS calls it. pool: the pool of Google identities that
    its service accounts are in.
    """

    name: str
    issuer: str | None = None
    endpoint: str | None = None
    arn: str | None = None
    pool: str | None = None


def clusters(documents: Documents) -> dict[str, Cluster]:
    """The cluster of each environment that has one in the stack."""
    return dict(_found(documents))


def cluster_of(documents: Documents, environment: str) -> Cluster:
    """The cluster of an environment. Raises BootstrapError if it is not in the stack: nobody could say who it is."""
    found = clusters(documents).get(environment)
    if found is None:
        raise BootstrapError(
            f"the cluster of {environment}",
            "is not among the resources, so nobody can say whose tokens are its own",
            "add the state of the stack that made it",
        )
    return found


def _found(documents: Documents) -> Iterator[tuple[str, Cluster]]:
    for token, read in _KINDS.items():
        for owner, one in documents.owned(token):
            yield owner, read(one)


def _local(one: Seen) -> Cluster:
    name, role = one.at("clusterName"), one.at("nodeRoleArn")  # on Vault, nodes have no role
    arn = f"arn:aws:eks:{one.at('region')}:{role.split(':')[4]}:cluster/{name}" if role else None
    return Cluster(name=name, issuer=one.at("issuerUrl"), endpoint=one.at("endpoint"), arn=arn)


def _eks(one: Seen) -> Cluster:
    identities: Any = one.at("identities")
    return Cluster(name=one.at("name"), issuer=identities[0]["oidcs"][0]["issuer"], arn=one.at("arn"))


def _gke(one: Seen) -> Cluster:
    return Cluster(name=one.at("name"), pool=one.at("workloadIdentityConfig", "workloadPool"))


def _aks(one: Seen) -> Cluster:
    return Cluster(name=one.at("name"), issuer=one.at("oidcIssuerProfile", "issuerURL"))


_KINDS = {
    "localcloud:index:Cluster": _local,
    "aws:eks/cluster:Cluster": _eks,
    "gcp:container/cluster:Cluster": _gke,
    "azure-native:containerservice:ManagedCluster": _aks,
}
