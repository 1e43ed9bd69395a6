"""The operator's identity as a principal of its own: no service account of IAM in between."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityKind, IdentityRef, ServiceAccountRef
from .names import GcpNames
from .operator_grants import GcpOperatorGrant, grant_operator
from .workload_identity import store_auth


@dataclass(frozen=True, kw_only=True)
class GcpPrincipalIdentityArgs(Arguments):
    """Arguments of GcpPrincipalIdentity.

    names: the environment's names.
    cluster: the GKE cluster, in the project and region of the names.
    service_account: whose tokens are trusted.
    grant: what it may do.
    """

    names: GcpNames
    cluster: ClusterRef
    service_account: ServiceAccountRef
    grant: GcpOperatorGrant


class GcpPrincipalIdentity(pulumi.ComponentResource):
    """Grants to one Kubernetes service account itself, by its `principal://` name.

    Creates:
    - a grant on each container, and two more on the canary, once the cluster is there: the project's pool of workload
      identities comes with its first cluster.

    The member names no cluster: the same service account of any cluster in the project is the same member.

    Outputs:
    - `identity`: who the operator is; it presents a token of the service account (IdentityRef).
    - `member`: the IAM member.
    - `gates`: the grants.

    Sources: GKE, "Authenticate to Google Cloud APIs from GKE workloads"; external-secrets v0.20.4,
    `docs/provider/google-secrets-manager.md`, "Using a Kubernetes service account as a GCP IAM principal".
    """

    identity: IdentityRef
    member: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpPrincipalIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpPrincipalIdentity", name, None, opts)
        account = args.service_account
        self.member = args.names.principal(account)
        after_the_pool = pulumi.ResourceOptions(parent=self, depends_on=args.cluster.gates)
        self.gates = grant_operator(name, self.member, args.grant, after_the_pool)
        self.identity = principal_of(args.names, args.cluster, account, self.gates)
        self.register_outputs({"member": self.member})


def principal_of(
    names: GcpNames, cluster: ClusterRef, account: ServiceAccountRef, gates: Sequence[pulumi.Resource]
) -> IdentityRef:
    """What a cluster has to know of a service account that grants are made to by its own name."""
    return IdentityRef(
        kind=IdentityKind.GKE_PRINCIPAL,
        principal=names.principal(account),
        service_account=account,
        backends=frozenset({"gcpsm"}),
        store_settings=store_auth(names, cluster.name, account),
        presents_token=True,
        gates=gates,
    )
