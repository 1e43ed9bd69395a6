"""A role by which cert-manager answers DNS-01 challenges in one hosted zone of Route 53."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import Arguments
from ..contracts import CERT_MANAGER_ACCOUNT, ClusterRef, Dns01Ref, IdentityKind, ServiceAccountRef
from ..forms import DNS_LABEL, DNS_ZONE
from .forms import HOSTED_ZONE_ID
from .names import LONGEST_ROLE_NAME, AwsNames
from .oidc_provider import require_oidc_provider, trust_by_token
from .statements import Document, allow, document, to_json
from .trust import pod_identity_trust

ROLE = "dns01"
_KINDS = (IdentityKind.IRSA, IdentityKind.POD_IDENTITY)


@dataclass(frozen=True, kw_only=True)
class AwsDns01RoleArgs(Arguments):
    """Arguments of AwsDns01Role.

    names: the environment's names.
    cluster: where cert-manager runs.
    zone: the DNS name of the hosted zone, such as example.com.
    zone_id: the hosted zone's id, such as Z0123456789ABCDEFGHIJ.
    kind: how cert-manager gets in: IRSA by a service account of its own for this zone, or POD_IDENTITY by its
        controller's; default IRSA.
    service_account: whose tokens or pods are trusted; it lies in cert-manager's namespace; default
        cert-manager/acme-<role> for IRSA, cert-manager/cert-manager for POD_IDENTITY.
    oidc_provider_arn: for IRSA, the IAM OIDC provider of the cluster's issuer, of which an account has one; default
        none: one is created.
    role: what the role is called behind `<prefix>-<environment>-`; default dns01. A second zone needs another name.
    """

    names: AwsNames
    cluster: ClusterRef
    zone: str
    zone_id: pulumi.Input[str]
    kind: IdentityKind = IdentityKind.IRSA
    service_account: ServiceAccountRef | None = None
    oidc_provider_arn: pulumi.Input[str] | None = None
    role: str = ROLE

    def __post_init__(self) -> None:
        self.require_form("zone", self.zone, DNS_ZONE)
        self.require_form("zone_id", self.zone_id, HOSTED_ZONE_ID)
        self.require(self.kind in _KINDS, "kind", "is no identity on AWS", "choose IRSA or POD_IDENTITY")
        self.require(
            self.role == ROLE or self.role.startswith(f"{ROLE}-"),
            "role",
            f"is neither {ROLE} nor a name that begins with {ROLE}-",
            f"write it as {ROLE}-internal",
        )
        self.require_form("role", self.role, DNS_LABEL)
        self.require(
            len(self.names.role_name(self.role)) <= LONGEST_ROLE_NAME,
            "role",
            f"makes the role's name longer than {LONGEST_ROLE_NAME} characters",
            "shorten it or the prefix",
        )
        require_oidc_provider(self, self.names, self.oidc_provider_arn)

    @property
    def account(self) -> ServiceAccountRef:
        if self.service_account is not None:
            return self.service_account
        if self.kind is IdentityKind.POD_IDENTITY:
            return CERT_MANAGER_ACCOUNT
        return ServiceAccountRef(namespace=CERT_MANAGER_ACCOUNT.namespace, name=f"acme-{self.role}")


class AwsDns01Role(pulumi.ComponentResource):
    """A role that may write TXT records of ACME's name in one hosted zone, and nothing else.

    Creates:
    - for IRSA, the IAM OIDC provider of the cluster's issuer, unless one is adopted;
    - the role `<prefix>-<environment>-dns01`, which trusts exactly one service account of this cluster;
    - its policy: UPSERT and DELETE of TXT records at `_acme-challenge.<zone>` and `_acme-challenge.*.<zone>` in this
      hosted zone, and to see when a change is done. Zones cannot be listed, nor records read;
    - for Pod Identity, the association. It is a gate: a pod that starts before it never gets credentials.

    Outputs:
    - `dns01`: what an issuer has to be told (Dns01Ref).
    - `role_arn`: the role's ARN.
    - `gates`: everything that was created.

    Raises ConfigError for a name that is no zone's, an id that is no hosted zone's, and an OIDC provider elsewhere.
    Sources: Route 53 Developer Guide, "Using IAM policy conditions for fine-grained access control"; cert-manager
    v1.21.2, `pkg/issuer/acme/dns/route53` (the calls), and its documentation, "Route53".
    """

    dns01: Dns01Ref
    role_arn: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AwsDns01RoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsDns01Role", name, None, opts)
        self._children = pulumi.ResourceOptions(parent=self)
        names, irsa = args.names, args.kind is IdentityKind.IRSA
        made: list[pulumi.Resource] = []
        if irsa:
            by_token = trust_by_token(
                name,
                names=names,
                cluster=args.cluster,
                account=args.account,
                oidc_provider_arn=args.oidc_provider_arn,
                opts=self._children,
            )
            trust, made = by_token.policy, [*by_token.gates]
        else:
            trust = self._trust_by_association(args)
        role = aws.iam.Role(
            f"{name}-role",
            name=names.role_name(args.role),
            description=f"cert-manager of {names.prefix} {names.environment}: ACME challenges in {args.zone}",
            assume_role_policy=trust,
            tags=names.tags(),
            opts=self._children,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name="answer-challenges",
            role=role.name,
            policy=pulumi.Output.from_input(args.zone_id).apply(
                lambda zone_id: to_json(dns01_policy(partition=names.partition, zone=args.zone, zone_id=zone_id))
            ),
            opts=self._children,
        )
        made += [role, policy]
        settings: dict[str, object] = {"region": names.region, "hostedZoneID": args.zone_id}
        if irsa:
            settings |= {"role": role.arn, "auth": {"kubernetes": {"serviceAccountRef": {"name": args.account.name}}}}
        else:
            made.append(self._association(name, args, role.arn, policy))
        self.role_arn, self.gates = role.arn, made
        self.dns01 = Dns01Ref(
            provider="route53",
            settings=settings,
            zone=args.zone,
            service_account=args.account if irsa else None,
            gates=made,
        )
        self.register_outputs(
            {
                "roleArn": role.arn,
                "zone": args.zone,
                "zoneId": args.zone_id,
                "kind": args.kind,
                "issuer": args.cluster.issuer_url,
                "clusterArn": names.cluster_arn(args.cluster.name),
                "namespace": args.account.namespace,
                "serviceAccount": args.account.name,
            }
        )

    def _trust_by_association(self, args: AwsDns01RoleArgs) -> str:
        cluster_arn, account = args.names.cluster_arn(args.cluster.name), args.account
        trust = pod_identity_trust(cluster_arn=cluster_arn, namespace=account.namespace, service_account=account.name)
        return to_json(trust)

    def _association(
        self, name: str, args: AwsDns01RoleArgs, role_arn: pulumi.Output[str], policy: pulumi.Resource
    ) -> pulumi.Resource:
        return aws.eks.PodIdentityAssociation(
            f"{name}-association",
            cluster_name=args.cluster.name,
            namespace=args.account.namespace,
            service_account=args.account.name,
            role_arn=role_arn,
            tags=args.names.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.cluster.gates, policy]),
        )


def dns01_policy(*, partition: str, zone: str, zone_id: str) -> Document:
    """What the role may do: each of the three conditions holds for every change of a call.

    `ForAllValues` is true for a key that is missing, so `Null` says that the keys must be there. Changes have ids that
    nobody knows before.
    """
    key = "route53:ChangeResourceRecordSets"
    only = {
        "ForAllValues:StringEquals": {f"{key}RecordTypes": ["TXT"], f"{key}Actions": ["DELETE", "UPSERT"]},
        "ForAllValues:StringLike": {
            f"{key}NormalizedRecordNames": [f"_acme-challenge.{zone}", f"_acme-challenge.*.{zone}"]
        },
        "Null": {f"{key}{what}": "false" for what in ("Actions", "NormalizedRecordNames", "RecordTypes")},
    }
    zone_arn, changes = f"arn:{partition}:route53:::hostedzone/{zone_id}", f"arn:{partition}:route53:::change/*"
    return document(
        [
            allow("AnswerChallenges", ("route53:ChangeResourceRecordSets",), zone_arn, only),
            allow("WaitForChanges", ("route53:GetChange",), changes, None),
        ]
    )
