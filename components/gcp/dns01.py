"""A grant by which cert-manager answers DNS-01 challenges in one managed zone of Cloud DNS."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ..arguments import Arguments
from ..contracts import CERT_MANAGER_ACCOUNT, ClusterRef, Dns01Ref, ServiceAccountRef
from ..forms import DNS_ZONE
from .forms import MANAGED_ZONE, PROJECT_ID
from .names import GcpNames

_RECORD_SET = "dns.googleapis.com/ResourceRecordSet"
# What cert-manager calls where the zone is named: it lists the record set, makes a change and looks whether it is done.
_PERMISSIONS = (
    "dns.changes.create",
    "dns.changes.get",
    "dns.resourceRecordSets.create",
    "dns.resourceRecordSets.delete",
    "dns.resourceRecordSets.list",
    "dns.resourceRecordSets.update",
)
_LONGEST_ROLE_ID = 64


@dataclass(frozen=True, kw_only=True)
class GcpDns01RoleArgs(Arguments):
    """Arguments of GcpDns01Role.

    names: the environment's names.
    cluster: the GKE cluster where cert-manager runs, in the project of the names.
    zone: the DNS name of the managed zone, such as example.com.
    managed_zone: what Cloud DNS calls the zone, such as example-com.
    zone_project: the id of the project that the zone lies in; default the environment's.
    service_account: cert-manager's controller; default cert-manager/cert-manager.
    """

    names: GcpNames
    cluster: ClusterRef
    zone: str
    managed_zone: str
    zone_project: str | None = None
    service_account: ServiceAccountRef = CERT_MANAGER_ACCOUNT

    def __post_init__(self) -> None:
        self.require_form("zone", self.zone, DNS_ZONE)
        self.require_form("managed_zone", self.managed_zone, MANAGED_ZONE)
        self.require(
            len(self.role_id) <= _LONGEST_ROLE_ID,
            "managed_zone",
            f"makes, with the environment's names, a role id of more than {_LONGEST_ROLE_ID} characters",
            "shorten the prefix, or give the zone a shorter name",
        )
        if self.zone_project is not None:
            self.require_form("zone_project", self.zone_project, PROJECT_ID)

    @property
    def project(self) -> str:
        return self.zone_project or self.names.project_id

    @property
    def role_id(self) -> str:
        """Unlike other names it holds the zone's: two zones of a project have two roles."""
        return self.names.custom_role_id(f"dns01_{self.managed_zone}")


class GcpDns01Role(pulumi.ComponentResource):
    """Leave for cert-manager's service account to write TXT records of ACME's name in one managed zone.

    Creates:
    - a custom role in the zone's project: every predefined role that writes records may delete the zone, too;
    - a grant of it on this zone to the service account itself, by its `principal://` name, once the cluster is there.
      Its condition holds for record sets of the type TXT whose name begins with `_acme-challenge.`.

    The grant holds for the service account of the same name in every cluster of the project. A deleted custom role
    keeps its id for 37 days: an environment that is made again needs another `suffix`.

    Outputs:
    - `dns01`: what an issuer has to be told (Dns01Ref). cert-manager's pod needs no key and no annotation.
    - `member`: the IAM member.
    - `gates`: everything that was created.

    Raises ConfigError for names that are no zone's or no project's.
    Sources: Cloud DNS, "Cloud DNS Granular IAM Permissions for Record Sets" (codelab) and the provider's example "DNS
    Managed Zone IAM Condition" (type and name of a record set); IAM, "Attribute reference for IAM Conditions"
    (`extract`); cert-manager v1.21.2, `pkg/issuer/acme/dns/clouddns` (the calls).
    """

    dns01: Dns01Ref
    member: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: GcpDns01RoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpDns01Role", name, None, opts)
        names = args.names
        self.member = names.principal(args.service_account)
        role = gcp.projects.IAMCustomRole(
            f"{name}-role",
            role_id=args.role_id,
            project=args.project,
            title=f"ACME challenges of {names.prefix} {names.environment}",
            description=f"Write record sets of {args.zone}, as a grant's condition says",
            permissions=list(_PERMISSIONS),
            opts=pulumi.ResourceOptions(parent=self),
        )
        grant = gcp.dns.DnsManagedZoneIamMember(
            f"{name}-grant",
            project=args.project,
            managed_zone=args.managed_zone,
            role=role.name,
            member=self.member,
            condition=gcp.dns.DnsManagedZoneIamMemberConditionArgs(
                title="acme-challenges", description="TXT records of ACME's name", expression=dns01_condition()
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.cluster.gates),
        )
        self.gates = [role, grant]
        self.dns01 = Dns01Ref(
            provider="cloudDNS",
            settings={"project": args.project, "hostedZoneName": args.managed_zone},
            zone=args.zone,
            gates=self.gates,
        )
        self.register_outputs(
            {
                "member": self.member,
                "zone": args.zone,
                "zoneId": f"projects/{args.project}/managedZones/{args.managed_zone}",
                "namespace": args.service_account.namespace,
                "serviceAccount": args.service_account.name,
            }
        )


def dns01_condition() -> str:
    """The expression (CEL) under which the role holds.

    A record set is called `…/rrsets/<name with a dot at the end>/<type>`. What is no record set passes: changes and the
    zone, on which the role has no permission that writes.
    """
    name = "resource.name.extract('/rrsets/{record}')"
    ours = f"{name}.startsWith('_acme-challenge.') && resource.name.endsWith('./TXT')"
    return f"resource.type != '{_RECORD_SET}' || ({ours})"
