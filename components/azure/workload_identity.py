"""The operator's identity by Microsoft Entra Workload ID."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityKind, IdentityRef, ServiceAccountRef
from .forms import CLIENT_ID, IDENTITY_ID, OBJECT_ID, VAULT_ID, ResourceId
from .names import OPERATOR_IDENTITY, AzureNames
from .roles import AzureRole, role_assignment
from .secret_store import secret_id


@dataclass(frozen=True, kw_only=True)
class AzureOperatorGrant(Arguments):
    """What the operator's identity may do. Raises ConfigError for an id that is no vault's.

    vault_id: the resource id of the environment's vault for secrets, which it may read.
    canary: the name of the secret that it may write; default canary.
    operator_filled: names of other secrets that it may write; default none.
    gates: what must be there before, such as the vault and its access log; default none.
    """

    vault_id: str
    canary: str = "canary"
    operator_filled: Sequence[str] = ()
    gates: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("vault_id", self.vault_id, VAULT_ID)


@dataclass(frozen=True, kw_only=True)
class AzureExistingIdentity(Arguments):
    """A user-assigned identity to adopt. Raises ConfigError for ids of the wrong form.

    id: its resource id.
    client_id: its client id; a GUID.
    principal_id: the object id of its service principal; a GUID.
    """

    id: str
    client_id: str
    principal_id: str

    def __post_init__(self) -> None:
        self.require_form("id", self.id, IDENTITY_ID)
        self.require_form("client_id", self.client_id, CLIENT_ID)
        self.require_form("principal_id", self.principal_id, OBJECT_ID)


@dataclass(frozen=True, kw_only=True)
class AzureWorkloadIdentityArgs(Arguments):
    """Arguments of AzureWorkloadIdentity.

    names: the environment's names.
    cluster: where tokens are issued.
    service_account: whose tokens are trusted.
    grant: what the identity may do.
    existing: an identity of the environment's subscription to adopt; default none: one is created.
    """

    names: AzureNames
    cluster: ClusterRef
    service_account: ServiceAccountRef
    grant: AzureOperatorGrant
    existing: AzureExistingIdentity | None = None

    def __post_init__(self) -> None:
        self.require(
            self.existing is None or ResourceId.of(self.existing.id).subscription_id == self.names.subscription_id,
            "existing.id",
            "lies in another subscription than the environment",
            "name one of this environment's",
        )


class AzureWorkloadIdentity(pulumi.ComponentResource):
    """An identity that one service account of one cluster can take with its own token.

    Creates:
    - the user-assigned identity `<prefix>-<environment>-external-secrets`, unless one is adopted;
    - its federated credential, which trusts exactly this cluster's issuer, `sub` and `aud`;
    - the role Key Vault Secrets User on the environment's vault, which no other environment shares;
    - the role Key Vault Secrets Officer on the canary alone: no built-in role writes and does no more.

    The service account carries the client id only: external-secrets refuses a tenant's id in its annotation beside the
    one in the store.

    Outputs:
    - `identity`: who the operator is; it presents a token of the service account (IdentityRef).
    - `client_id`: the identity's client id.
    - `gates`: everything that was created.

    Raises ConfigError if the identity to adopt lies in another subscription.
    Sources: Microsoft Entra Workload ID, "Configure a managed identity to trust an external identity provider";
    external-secrets v0.20.4, `authorizerForWorkloadIdentity` (audience, `errMultipleTenantID`) and `setKeyVaultSecret`
    (GetSecret, then SetSecret).
    """

    identity: IdentityRef
    client_id: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureWorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureWorkloadIdentity", name, None, opts)
        names, account = args.names, args.service_account
        made: list[pulumi.Resource] = []
        principal_id: pulumi.Input[str]
        if args.existing is not None:
            identity_id = ResourceId.of(args.existing.id)
            group, identity_name = identity_id.resource_group, identity_id.path[-1]
            self.client_id = pulumi.Output.from_input(args.existing.client_id)
            principal_id = args.existing.principal_id
        else:
            group, identity_name = names.resource_group, names.name(OPERATOR_IDENTITY)
            created = managedidentity.UserAssignedIdentity(
                f"{name}-identity",
                resource_name_=identity_name,
                resource_group_name=group,
                location=names.location,
                tags=names.tags(),
                opts=pulumi.ResourceOptions(parent=self),
            )
            made, self.client_id, principal_id = [created], created.client_id, created.principal_id
        credential = trust_account(
            f"{name}-credential",
            called=f"{names.prefix}-{names.environment}",
            resource_group=group,
            identity=identity_name,
            cluster=args.cluster,
            account=account,
            opts=pulumi.ResourceOptions(parent=self, depends_on=made),
        )
        grants = [
            role_assignment(
                f"{name}-{what}",
                role=role,
                scope=scope,
                principal_id=principal_id,
                principal_type="ServicePrincipal",
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.grant.gates),
            )
            for what, role, scope in (
                ("read", AzureRole.KEY_VAULT_SECRETS_USER, args.grant.vault_id),
                *(
                    (
                        f"fill-{'canary' if one == args.grant.canary else one}",
                        AzureRole.KEY_VAULT_SECRETS_OFFICER,
                        secret_id(args.grant.vault_id, names, one),
                    )
                    for one in (args.grant.canary, *args.grant.operator_filled)
                ),
            )
        ]
        self.gates = [*made, credential, *grants]
        self.identity = identity_of(account, self.client_id, self.gates)
        self.register_outputs({"clientId": self.client_id})


def trust_account(
    name: str,
    *,
    called: str,
    resource_group: pulumi.Input[str],
    identity: pulumi.Input[str],
    cluster: ClusterRef,
    account: ServiceAccountRef,
    opts: pulumi.ResourceOptions,
) -> managedidentity.FederatedIdentityCredential:
    """Let one service account of a cluster sign in as a user-assigned identity.

    name: the resource's name.
    called: what the credential is called in Azure.
    resource_group: the identity's.
    identity: the identity's name in Azure.
    cluster: whose tokens are trusted.
    account: which of them.
    opts: options of the resource.
    """
    return managedidentity.FederatedIdentityCredential(
        name,
        federated_identity_credential_resource_name=called,
        resource_group_name=resource_group,
        resource_name_=identity,
        issuer=cluster.issuer_url,
        subject=account.subject,
        audiences=["api://AzureADTokenExchange"],
        opts=opts,
    )


def identity_of(
    account: ServiceAccountRef, client_id: pulumi.Output[str], gates: Sequence[pulumi.Resource]
) -> IdentityRef:
    """What a cluster has to know of a service account that signs in as an identity."""
    return IdentityRef(
        kind=IdentityKind.AZURE_WORKLOAD_IDENTITY,
        principal=client_id,
        service_account=account,
        backends=frozenset({"azurekv"}),
        annotations={"azure.workload.identity/client-id": client_id},
        store_settings={"serviceAccountRef": {"name": account.name, "namespace": account.namespace}},
        presents_token=True,
        gates=gates,
    )
