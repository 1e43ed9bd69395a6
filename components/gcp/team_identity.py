"""Grants that open some of the environment's containers: a team's, or those that all teams share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityRef, SecretScope
from .names import GcpNames
from .principal import principal_of
from .roles import SECRET_ACCESSOR


@dataclass(frozen=True, kw_only=True)
class GcpTeamIdentityArgs(Arguments):
    """Arguments of GcpTeamIdentity.

    names: the environment's names.
    cluster: the GKE cluster, in the project and region of the names.
    scope: which containers, and whose tokens (`team_scopes`).
    secret_ids: the environment's containers by declared name: `projects/PROJECT/secrets/ID`.
    after: what must be there before; default none.
    """

    names: GcpNames
    cluster: ClusterRef
    scope: SecretScope
    secret_ids: Mapping[str, pulumi.Input[str]]
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require(
            any(self.scope.holds(name) for name in self.secret_ids),
            "secret_ids",
            "has no container of this scope, and on Google Cloud each one is granted by name",
            "declare at least one container below each team's prefixes",
        )


class GcpTeamIdentity(pulumi.ComponentResource):
    """Grants to the service accounts of one team themselves, on each of the team's containers.

    A container that is declared later is granted by the next run; nothing is granted by a name's beginning.

    Creates:
    - for each namespace and container the role Secret Manager Secret Accessor, once the cluster is there: the project's
      pool of workload identities comes with its first cluster.

    The member names no cluster: the same service account of any cluster in the project is the same member.

    Outputs:
    - `identities`: who opens the manager, for each namespace (IdentityRef).
    - `gates`: the grants.

    Raises ConfigError if none of the containers is the team's.
    Sources: as for GcpPrincipalIdentity.
    """

    identities: Mapping[str, IdentityRef]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpTeamIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpTeamIdentity", name, None, opts)
        containers = {key: one for key, one in args.secret_ids.items() if args.scope.holds(key)}
        granted = {
            account.namespace: [
                gcp.secretmanager.SecretIamMember(
                    f"{name}-{account.namespace}-reads-{key}",
                    secret_id=secret_id,
                    role=SECRET_ACCESSOR,
                    member=args.names.principal(account),
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.cluster.gates, *args.after]),
                )
                for key, secret_id in containers.items()
            ]
            for account in args.scope.service_accounts
        }
        self.identities = {
            account.namespace: principal_of(args.names, args.cluster, account, granted[account.namespace])
            for account in args.scope.service_accounts
        }
        self.gates = [gate for grants in granted.values() for gate in grants]
        self.register_outputs({"members": [args.names.principal(one) for one in args.scope.service_accounts]})
