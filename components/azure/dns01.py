"""An identity by which cert-manager answers DNS-01 challenges in one zone of Azure DNS."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, managedidentity

from ..arguments import Arguments
from ..contracts import CERT_MANAGER_ACCOUNT, ClusterRef, Dns01Ref, ServiceAccountRef
from ..forms import DNS_ZONE
from .forms import DNS_ZONE_ID, ResourceId
from .names import AzureNames
from .roles import role_assignment
from .workload_identity import trust_account

IDENTITY = "cert-manager"
# What cert-manager calls where the zone is named: it reads one record set, writes it, and deletes it when it is empty.
_ACTIONS = tuple(f"Microsoft.Network/dnsZones/TXT/{verb}" for verb in ("delete", "read", "write"))


@dataclass(frozen=True, kw_only=True)
class AzureDns01IdentityArgs(Arguments):
    """Arguments of AzureDns01Identity.

    names: the environment's names.
    cluster: where cert-manager runs and its tokens are issued.
    zone_id: the resource id of the zone, in any subscription of the tenant.
    service_account: cert-manager's controller; default cert-manager/cert-manager.
    """

    names: AzureNames
    cluster: ClusterRef
    zone_id: str
    service_account: ServiceAccountRef = CERT_MANAGER_ACCOUNT

    def __post_init__(self) -> None:
        self.require_form("zone_id", self.zone_id, DNS_ZONE_ID)
        self.require_form("zone_id", self.zone, DNS_ZONE)

    @property
    def zone(self) -> str:
        """The DNS name of the zone, which is the last part of its id."""
        return ResourceId.of(self.zone_id).path[-1]


class AzureDns01Identity(pulumi.ComponentResource):
    """An identity that may write the TXT records of one zone, and nothing else.

    Creates:
    - the user-assigned identity `<prefix>-<environment>-cert-manager`;
    - its federated credential, which trusts exactly this cluster's issuer, `sub` and `aud`;
    - a custom role that reads, writes and deletes TXT record sets: every built-in one writes all types;
    - its assignment on this zone.

    Azure cannot limit a grant to names that do not exist yet: the identity may change every TXT record of the zone,
    such as SPF and DMARC. Give it a zone of its own and send `_acme-challenge` there by a CNAME (`Dns01.delegated`)
    where that matters.

    Outputs:
    - `dns01`: what an issuer has to be told (Dns01Ref). cert-manager's pod needs the label
      `azure.workload.identity/use: "true"`.
    - `client_id`: the identity's client id.
    - `gates`: everything that was created.

    Raises ConfigError for an id that is no DNS zone's.
    Sources: cert-manager, "AzureDNS" (Workload Identity) and v1.21.2, `pkg/issuer/acme/dns/azuredns` (the calls);
    Azure, "Azure permissions for Networking" (`Microsoft.Network/dnsZones/TXT`), "Azure custom roles".
    """

    dns01: Dns01Ref
    client_id: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AzureDns01IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureDns01Identity", name, None, opts)
        names, account, zone = args.names, args.service_account, ResourceId.of(args.zone_id)
        children = pulumi.ResourceOptions(parent=self)
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=names.name(IDENTITY),
            resource_group_name=names.resource_group,
            location=names.location,
            tags=names.tags(),
            opts=children,
        )
        credential = trust_account(
            f"{name}-credential",
            called=f"{names.prefix}-{names.environment}",
            resource_group=names.resource_group,
            identity=names.name(IDENTITY),
            cluster=args.cluster,
            account=account,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[identity]),
        )
        group = f"/subscriptions/{zone.subscription_id}/resourceGroups/{zone.resource_group}"
        role_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{args.zone_id.lower()}|{names.name(IDENTITY)}"))
        role = authorization.RoleDefinition(
            f"{name}-role",
            role_definition_id=role_id,
            role_name=f"{names.name(IDENTITY)} {args.zone}",
            description="Read, write and delete TXT record sets",
            role_type="CustomRole",
            scope=group,
            assignable_scopes=[group],
            permissions=[authorization.PermissionArgs(actions=list(_ACTIONS))],
            opts=children,
        )
        grant = role_assignment(
            f"{name}-grant",
            role=role_id,
            scope=args.zone_id,
            principal_id=identity.principal_id,
            principal_type="ServicePrincipal",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )
        self.client_id, self.gates = identity.client_id, [identity, credential, role, grant]
        self.dns01 = Dns01Ref(
            provider="azureDNS",
            settings={
                "environment": "AzurePublicCloud",
                "subscriptionID": zone.subscription_id,
                "resourceGroupName": zone.resource_group,
                "hostedZoneName": args.zone,
                "managedIdentity": {"clientID": self.client_id},
            },
            zone=args.zone,
            pod_labels={"azure.workload.identity/use": "true"},
            gates=self.gates,
        )
        self.register_outputs(
            {
                "clientId": self.client_id,
                "principalId": identity.principal_id,
                "zoneId": args.zone_id,
                "issuer": args.cluster.issuer_url,
                "namespace": account.namespace,
                "serviceAccount": account.name,
            }
        )
