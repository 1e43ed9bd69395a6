"""An identity that opens some of the environment's secrets: a team's, or that of what all teams share."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityRef, SecretScope
from .names import MOST_CREDENTIALS, AzureNames
from .roles import AzureRole, role_assignment
from .secret_store import secret_id
from .workload_identity import AzureOperatorGrant, identity_of, trust_account


@dataclass(frozen=True, kw_only=True)
class AzureTeamIdentityArgs(Arguments):
    """Arguments of AzureTeamIdentity.

    names: the environment's names.
    cluster: where tokens are issued.
    scope: which secrets, and whose tokens (`team_scopes`).
    grant: what the operator's identity may do: its vault is the team's too.
    containers: the environment's secrets by their declared names.
    after: what must be there before; default none.
    """

    names: AzureNames
    cluster: ClusterRef
    scope: SecretScope
    grant: AzureOperatorGrant
    containers: Collection[str]
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require(
            any(self.scope.holds(name) for name in self.containers),
            "containers",
            "has no secret of this scope, and in Key Vault each one is granted by name",
            "declare at least one secret below each team's prefixes",
        )
        self.require(
            len(self.scope.service_accounts) <= MOST_CREDENTIALS,
            "scope.service_accounts",
            f"are more than {MOST_CREDENTIALS}, and an identity trusts no more",
            "make two teams of it",
        )


class AzureTeamIdentity(pulumi.ComponentResource):
    """An identity that the service accounts of one team can take with their own tokens, and that reads its secrets.

    The scope is each secret by its name: no condition of Azure's looks at what a data plane reads, so nothing can be
    granted by a name's beginning. A secret that is declared later is granted by the next run.

    Creates:
    - the user-assigned identity `<prefix>-<environment>-team-<team>` (of what is shared: `-shared`);
    - a federated credential for each namespace, one after the other: Azure refuses two at a time;
    - the role Key Vault Secrets User on each of the team's secrets.

    Outputs:
    - `identities`: who opens the manager, for each namespace (IdentityRef).
    - `client_id`: the identity's client id.
    - `gates`: everything that was created.

    Raises ConfigError if none of the secrets is the team's, and for more than 20 namespaces.
    Sources: Microsoft Entra Workload ID, "Important considerations and restrictions for federated identity
    credentials"; pulumi-azure-native #4343; Key Vault, "Provide access with Azure RBAC" (a single secret as scope).
    """

    identities: Mapping[str, IdentityRef]
    client_id: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureTeamIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureTeamIdentity", name, None, opts)
        names, scope = args.names, args.scope
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=names.name(scope.name),
            resource_group_name=names.resource_group,
            location=names.location,
            tags=names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        gates: list[pulumi.Resource] = [identity]
        for account in scope.service_accounts:
            gates.append(
                trust_account(
                    f"{name}-{account.namespace}-credential",
                    called=f"{names.environment}-{account.namespace}",
                    resource_group=names.resource_group,
                    identity=names.name(scope.name),
                    cluster=args.cluster,
                    account=account,
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[gates[-1]]),
                )
            )
        gates += [
            role_assignment(
                f"{name}-reads-{key}",
                role=AzureRole.KEY_VAULT_SECRETS_USER,
                scope=secret_id(args.grant.vault_id, names, key),
                principal_id=identity.principal_id,
                principal_type="ServicePrincipal",
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.grant.gates),
            )
            for key in sorted(args.containers)
            if scope.holds(key)
        ]
        self.client_id, self.gates = identity.client_id, gates
        self.identities = {one.namespace: identity_of(one, self.client_id, gates) for one in scope.service_accounts}
        self.register_outputs({"clientId": self.client_id})
