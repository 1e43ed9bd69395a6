"""The operator's identity by impersonation: a Kubernetes service account that acts as a service account of IAM."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityKind, IdentityRef, ServiceAccountRef
from .forms import SERVICE_ACCOUNT_EMAIL, service_account_name
from .names import OPERATOR_ACCOUNT_ID, GcpNames
from .operator_grants import GcpOperatorGrant, grant_operator
from .roles import WORKLOAD_IDENTITY_USER
from .workload_identity import store_auth


@dataclass(frozen=True, kw_only=True)
class GcpServiceAccountIdentityArgs(Arguments):
    """Arguments of GcpServiceAccountIdentity.

    names: the environment's names.
    cluster: the GKE cluster, in the project and region of the names.
    service_account: the Kubernetes service account whose tokens are trusted.
    grant: what it may do.
    service_account_email: the address of a service account of IAM to adopt, of any project; default none: one is
        created.
    """

    names: GcpNames
    cluster: ClusterRef
    service_account: ServiceAccountRef
    grant: GcpOperatorGrant
    service_account_email: str | None = None

    def __post_init__(self) -> None:
        if self.service_account_email is not None:
            self.require_form("service_account_email", self.service_account_email, SERVICE_ACCOUNT_EMAIL)


class GcpServiceAccountIdentity(pulumi.ComponentResource):
    """A service account of IAM that exactly one Kubernetes service account may act as.

    Creates:
    - the service account `<prefix>-<environment>-eso`, unless one is adopted; it never has a key;
    - the grant `roles/iam.workloadIdentityUser` on it, once the cluster is there: the project's pool of workload
      identities comes with its first cluster;
    - a grant on each container, and two more on the canary.

    Outputs:
    - `identity`: who the operator is; it presents a token of the Kubernetes service account, which carries the
      annotation `iam.gke.io/gcp-service-account` (IdentityRef).
    - `email`: the service account's address.
    - `gates`: everything that was created.

    Raises ConfigError if the address to adopt is not a service account's.
    Sources: GKE, "Link Kubernetes ServiceAccounts to IAM"; external-secrets v0.20.4,
    `docs/provider/google-secrets-manager.md`, "Linking a Kubernetes service account to a GCP service account".
    """

    identity: IdentityRef
    email: pulumi.Input[str]
    gates: Sequence[pulumi.Resource]

    def __init__(
        self, name: str, args: GcpServiceAccountIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("secrets-bootstrap:index:GcpServiceAccountIdentity", name, None, opts)
        names, account, created = args.names, args.service_account, list[pulumi.Resource]()
        resource_name: pulumi.Input[str]
        if args.service_account_email is not None:
            self.email, resource_name = args.service_account_email, service_account_name(args.service_account_email)
        else:
            made = gcp.serviceaccount.Account(
                f"{name}-account",
                account_id=names.account_id(OPERATOR_ACCOUNT_ID),
                project=names.project_id,
                display_name=f"External Secrets Operator of {names.prefix} {names.environment}",
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.email, resource_name, created = made.email, made.name, [made]
        user = gcp.serviceaccount.IAMMember(
            f"{name}-workload-identity-user",
            service_account_id=resource_name,
            role=WORKLOAD_IDENTITY_USER,
            member=names.workload_member(account),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.cluster.gates),
        )
        member = pulumi.Output.concat("serviceAccount:", self.email)
        granted = grant_operator(name, member, args.grant, pulumi.ResourceOptions(parent=self))
        self.gates = [*created, user, *granted]
        self.identity = IdentityRef(
            kind=IdentityKind.GKE_SERVICE_ACCOUNT,
            principal=member,
            service_account=account,
            backends=frozenset({"gcpsm"}),
            annotations={"iam.gke.io/gcp-service-account": self.email},
            store_settings=store_auth(names, args.cluster.name, account),
            presents_token=True,
            gates=self.gates,
        )
        self.register_outputs({"email": self.email})
