"""The service account of IAM of an Argo CD that deploys to GKE clusters: it is let in there, and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..contracts import ARGO_CD_ACCOUNTS, ArgoCdAccounts, ClusterRef
from .forms import PROJECT_ID
from .names import GcpNames
from .roles import CLUSTER_VIEWER, WORKLOAD_IDENTITY_USER

HUB_ACCOUNT_ID = "argo"


@dataclass(frozen=True, kw_only=True)
class GcpArgoCdHubAccountArgs(Arguments):
    """Arguments of GcpArgoCdHubAccount.

    names: the names of the hub's environment.
    cluster: the GKE cluster where Argo CD runs, in the project of the names.
    spoke_projects: the ids of the projects whose clusters it deploys to.
    accounts: who may act as it; default the three of Argo CD's own manifests, in the namespace argocd.
    """

    names: GcpNames
    cluster: ClusterRef
    spoke_projects: Sequence[str]
    accounts: ArgoCdAccounts = ARGO_CD_ACCOUNTS

    def __post_init__(self) -> None:
        self.require(bool(self.spoke_projects), "spoke_projects", "is empty", "name at least one")
        for index, project in enumerate(self.spoke_projects):
            self.require_form(f"spoke_projects.{index}", project, PROJECT_ID)


class GcpArgoCdHubAccount(pulumi.ComponentResource):
    """A service account of IAM by which the Argo CD of a hub gets into GKE clusters. It never has a key.

    Creates:
    - the service account `<prefix>-<environment>-argo`;
    - for each of Argo CD's service accounts the grant `roles/iam.workloadIdentityUser` on it, once the cluster is
      there: the project's pool of workload identities comes with its first cluster;
    - the grant `roles/container.clusterViewer` on each spoke's project. It lets in by the API of every cluster of the
      project and shows their settings, but nothing in them: what it may do there is said by RBAC (ArgoCdSpoke, as the
      `User` `email`).

    The service accounts of the same names in every cluster of the hub's project are trusted: the pool is the project's.

    Outputs:
    - `email`: the service account's address, for ArgoCdSpoke. `argocd_gke_config` needs nothing of it.
    - `annotations`: what each of Argo CD's service accounts must carry.
    - `gates`: everything that was created.

    Raises ConfigError for names that are no projects' ids.
    Sources: Argo CD, "Declarative setup", Clusters, GKE; GKE, "Link Kubernetes ServiceAccounts to IAM", "Authorize
    actions in clusters using role-based access control" (the least role of IAM; the address is the user).
    """

    email: pulumi.Output[str]
    annotations: Mapping[str, pulumi.Input[str]]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpArgoCdHubAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpArgoCdHubAccount", name, None, opts)
        names, children = args.names, pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            f"{name}-account",
            account_id=names.account_id(HUB_ACCOUNT_ID),
            project=names.project_id,
            display_name=f"Argo CD of {names.prefix} {names.environment}: deploy to other clusters",
            opts=children,
        )
        users = [
            gcp.serviceaccount.IAMMember(
                f"{name}-user-{one.name}",
                service_account_id=account.name,
                role=WORKLOAD_IDENTITY_USER,
                member=names.workload_member(one),
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.cluster.gates),
            )
            for one in args.accounts.refs
        ]
        grants = [
            gcp.projects.IAMMember(
                f"{name}-view-{project}",
                project=project,
                role=CLUSTER_VIEWER,
                member=pulumi.Output.concat("serviceAccount:", account.email),
                opts=children,
            )
            for project in args.spoke_projects
        ]
        self.email, self.gates = account.email, [account, *users, *grants]
        self.annotations = {"iam.gke.io/gcp-service-account": account.email}
        self.register_outputs(
            {
                "email": account.email,
                "spokeProjects": list(args.spoke_projects),
                "namespace": args.accounts.namespace,
                "serviceAccounts": list(args.accounts.names),
            }
        )
