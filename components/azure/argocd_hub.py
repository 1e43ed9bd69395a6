"""The identity of an Argo CD that deploys to AKS clusters. It has no role in Azure: clusters know it by its token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity

from ..arguments import Arguments
from ..contracts import ARGO_CD_ACCOUNTS, ArgoCdAccounts, ClusterRef
from .names import MOST_CREDENTIALS, AzureNames
from .workload_identity import trust_account

HUB_IDENTITY = "argocd-hub"


@dataclass(frozen=True, kw_only=True)
class AzureArgoCdHubIdentityArgs(Arguments):
    """Arguments of AzureArgoCdHubIdentity.

    names: the names of the hub's environment.
    cluster: where Argo CD runs and its tokens are issued.
    accounts: whose tokens are trusted; default the three of Argo CD's own manifests, in the namespace argocd.
    """

    names: AzureNames
    cluster: ClusterRef
    accounts: ArgoCdAccounts = ARGO_CD_ACCOUNTS

    def __post_init__(self) -> None:
        self.require(
            len(self.accounts.names) <= MOST_CREDENTIALS,
            "accounts",
            f"has more than the {MOST_CREDENTIALS} that an identity of Azure can trust",
            "name those that talk to clusters",
        )


class AzureArgoCdHubIdentity(pulumi.ComponentResource):
    """An identity by which the Argo CD of a hub gets into AKS clusters with Microsoft Entra ID. It has no secret.

    Creates:
    - the user-assigned identity `<prefix>-<environment>-argocd-hub`;
    - a federated credential for each of Argo CD's service accounts, one after the other: Azure refuses two at the same
      time.

    It gets no role in Azure: a cluster takes every token of its tenant, and what that may do there is said by RBAC
    (ArgoCdSpoke, as the `User` `principal_id`). The role Azure Kubernetes Service Cluster User is for downloading a
    kubeconfig, which Argo CD does not.

    Outputs:
    - `client_id`: for `argocd_aks_config`.
    - `principal_id`: the identity's object id, for ArgoCdSpoke.
    - `annotations`: what each of the service accounts must carry.
    - `pod_labels`: what each of their pods must carry.
    - `gates`: everything that was created.

    Raises ConfigError for more service accounts than an identity can trust.
    Sources: Argo CD, "Declarative setup", Clusters, AKS; kubelogin, "Using Service Principal" (the user in a binding is
    the object id); AKS, "Use Kubernetes RBAC with Microsoft Entra integration".
    """

    client_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    annotations: Mapping[str, pulumi.Input[str]]
    pod_labels: Mapping[str, str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureArgoCdHubIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureArgoCdHubIdentity", name, None, opts)
        names = args.names
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=names.name(HUB_IDENTITY),
            resource_group_name=names.resource_group,
            location=names.location,
            tags=names.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        made: list[pulumi.Resource] = [identity]
        for account in args.accounts.refs:
            credential = trust_account(
                f"{name}-credential-{account.name}",
                called=account.name,
                resource_group=names.resource_group,
                identity=names.name(HUB_IDENTITY),
                cluster=args.cluster,
                account=account,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[made[-1]]),
            )
            made.append(credential)
        self.client_id, self.principal_id, self.gates = identity.client_id, identity.principal_id, made
        self.annotations = {
            "azure.workload.identity/client-id": identity.client_id,
            "azure.workload.identity/tenant-id": names.tenant_id,
        }
        self.pod_labels = {"azure.workload.identity/use": "true"}
        self.register_outputs(
            {
                "clientId": self.client_id,
                "principalId": self.principal_id,
                "issuer": args.cluster.issuer_url,
                "namespace": args.accounts.namespace,
                "serviceAccounts": list(args.accounts.names),
            }
        )
