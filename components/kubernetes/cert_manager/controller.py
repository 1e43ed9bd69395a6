"""cert-manager itself: its chart without the chart's roles, and roles of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from ...arguments import Arguments
from ...contracts import CERT_MANAGER_ACCOUNT, Dns01Ref, ServiceAccountRef
from ...forms import DNS_LABEL
from ..operator import ChartSource
from .rbac import NAME, HttpWay, controller_rbac, webhook_rbac

CERT_MANAGER_CHART = ChartSource(chart="oci://quay.io/jetstack/charts/cert-manager", repository=None, version="v1.21.2")

# Those that ACME needs. Without them run: namespaced Issuers, every other kind of issuer, and the two that make
# Certificates of annotated Ingresses and Gateways, which would need rights of their own.
CONTROLLERS = (
    "certificaterequests-approver",
    "certificaterequests-issuer-acme",
    "certificates-issuing",
    "certificates-key-manager",
    "certificates-readiness",
    "certificates-request-manager",
    "certificates-revision-manager",
    "certificates-trigger",
    "challenges",
    "clusterissuers",
    "orders",
)


@dataclass(frozen=True, kw_only=True)
class CertManagerArgs(Arguments):
    """Arguments of CertManager. Raises ConfigError for what cannot work.

    namespaces: where Certificates are issued, each with the resource that creates it (None: it is there); at least one.
    dns01: the zones of the issuers to come: the controller starts once whoever writes there exists, with the labels
        that this takes; default none.
    http01: the ways by which challenges may come in over HTTP: `ingress`, `gateway`; the controller may then start pods
        in the namespaces; default none.
    service_account: the controller's own; its namespace is created here; default cert-manager/cert-manager.
    annotations: of the service account, for a workload identity that is known by them; default none.
    chart: where the chart comes from; default the project's registry, version v1.21.2.
    after: what must be ready before; default none.
    timeout_seconds: how long its pods may take to be ready; seconds, 30 to 3600; default 300.
    """

    namespaces: Mapping[str, pulumi.Resource | None]
    dns01: Sequence[Dns01Ref] = ()
    http01: Sequence[HttpWay] = ()
    service_account: ServiceAccountRef = CERT_MANAGER_ACCOUNT
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    chart: ChartSource = CERT_MANAGER_CHART
    after: Sequence[pulumi.Resource] = ()
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        self.require(bool(self.namespaces), "namespaces", "is empty", "name the namespaces that get certificates")
        for namespace in self.namespaces:
            self.require_form(f"namespaces.{namespace}", namespace, DNS_LABEL)
            self.require(
                namespace != self.service_account.namespace,
                f"namespaces.{namespace}",
                "is cert-manager's own, with the keys of ACME accounts",
                "keep certificates in other namespaces",
            )
        for index, way in enumerate(self.http01):
            self.require(way in ("gateway", "ingress"), f"http01.{index}", "is unknown", "choose ingress or gateway")
        self.require_timeout(self.timeout_seconds, least=30)


class CertManager(pulumi.ComponentResource):
    """cert-manager for ACME, which issues in named namespaces only.

    Creates:
    - cert-manager's namespace;
    - the roles and bindings of `controller_rbac` and `webhook_rbac`;
    - a Helm release with the definitions (CRDs), the controller, the webhook, cainjector, which makes the API server
      trust the webhook, and a job that waits until the webhook answers. A destroy leaves the definitions, and with them
      every issuer and Certificate.

    The controller has to watch the Secrets, pods, services and Ingresses of every namespace: it knows one namespace or
    all. So it can read every Secret. It writes only in the named namespaces and its own, and mints no token but those
    that AcmeIssuer lets it mint.

    Outputs:
    - `service_account`: the controller's, for AcmeIssuer's `controller`.
    - `gates`: what issuers have to wait for.

    Raises ConfigError for arguments that cannot work together.
    Sources: cert-manager v1.21.2: the chart's `values.yaml` and templates, `internal/informers`, `pkg/controller`,
    `pkg/issuer/acme`; cert-manager #6377 (a list of namespaces), #7676 (`--namespace`), #8763 (narrower roles).
    """

    service_account: ServiceAccountRef
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: CertManagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:CertManager", name, None, opts)
        account, children = args.service_account, pulumi.ResourceOptions(parent=self)
        home = kubernetes.core.v1.Namespace(
            f"{name}-namespace",
            metadata={"name": account.namespace},
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        permissions = [
            *controller_rbac(
                name, account=account, home=home, namespaces=args.namespaces, http01=args.http01, opts=children
            ),
            *webhook_rbac(name, namespace=account.namespace, home=home, opts=children),
        ]
        release = args.chart.release(
            f"{name}-release",
            called=NAME,
            namespace=account.namespace,
            values=_values(args),
            timeout_seconds=args.timeout_seconds,
            # A pod that starts before its Pod Identity association never gets credentials.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*permissions, *(gate for one in args.dns01 for gate in one.gates)]
            ),
        )
        self.service_account, self.gates = account, [release, *permissions]
        self.register_outputs({"namespace": account.namespace, "serviceAccount": account.name})


def _values(args: CertManagerArgs) -> dict[str, Any]:
    account = args.service_account
    config: dict[str, Any] = {"controllers": list(CONTROLLERS)}
    if "gateway" in args.http01:
        # With the Gateway API comes the controller that makes Certificates of annotated Gateways, unless it is named.
        config |= {"controllers": [*CONTROLLERS, "-gateway-shim"], "gatewayAPI": {"enabled": True}}
    return {
        "crds": {"enabled": True},
        "global": {"rbac": {"create": False}, "leaderElection": {"namespace": account.namespace}},
        "serviceAccount": {"name": account.name, "annotations": args.annotations},
        "podLabels": {label: value for one in args.dns01 for label, value in one.pod_labels.items()},
        "config": config,
        "cainjector": {
            "config": {
                "namespace": account.namespace,
                "enableDataSourceConfig": {"certificates": False},
                "enableInjectableConfig": {"apiServices": False, "customResourceDefinitions": False},
            }
        },
    }
