"""A request for a certificate. The certificate and its key are born and renewed in the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from ...arguments import Arguments
from ...forms import DNS_LABEL, DNS_NAME, DNS_SUBDOMAIN
from ..waiting import wait_until_ready
from .issuer import API_VERSION, IssuerRef


@dataclass(frozen=True, kw_only=True)
class TlsCertificateArgs(Arguments):
    """Arguments of TlsCertificate.

    namespace: where the request and the Secret lie; it must exist.
    secret_name: the name of the Secret that cert-manager makes and renews, and of the request.
    dns_names: the names that it is for; at least one, each of them one that the issuer can issue for.
    issuer: who issues it.
    after: what must be ready before, such as a CNAME of a delegated zone; default none.
    timeout_seconds: how long the first one may take; seconds, 10 to 3600; default 600.
    """

    namespace: str
    secret_name: str
    dns_names: Sequence[str]
    issuer: IssuerRef
    after: Sequence[pulumi.Resource] = ()
    timeout_seconds: int = 600

    def __post_init__(self) -> None:
        self.require_form("namespace", self.namespace, DNS_LABEL)
        self.require_form("secret_name", self.secret_name, DNS_SUBDOMAIN)
        self.require_timeout(self.timeout_seconds)
        self.require(bool(self.dns_names), "dns_names", "is empty", "name what the certificate is for")
        for index, dns_name in enumerate(self.dns_names):
            self.require_form(f"dns_names.{index}", dns_name, DNS_NAME)
            self.require(
                self.issuer.issues_for(dns_name),
                f"dns_names.{index}",
                "lies in no domain of the issuer, so no solver would be found and the request would wait for ever",
                "name the domain in a solver of the issuer; for wildcards in one by DNS",
            )


class TlsCertificate(pulumi.ComponentResource):
    """One Certificate that counts as created when the Secret holds a valid one.

    Creates:
    - the Certificate `<secret_name>`: an ECDSA key (P-256) that is made anew with every renewal.

    Pulumi's state holds the request alone. The Secret is cert-manager's: it is not imported, read or given out here.

    Outputs:
    - `secret_name`: the Secret's name, for an Ingress, a Gateway or a pod.
    - `gates`: the Certificate.

    Raises ConfigError for names that the issuer cannot issue for.
    Sources: cert-manager v1.21.2, `pkg/apis/certmanager/v1/types_certificate.go`.
    """

    secret_name: str
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: TlsCertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:TlsCertificate", name, None, opts)
        certificate = kubernetes.apiextensions.CustomResource(
            f"{name}-certificate",
            api_version=API_VERSION,
            kind="Certificate",
            metadata={
                "name": args.secret_name,
                "namespace": args.namespace,
                "annotations": wait_until_ready(args.timeout_seconds),
            },
            spec={
                "secretName": args.secret_name,
                "dnsNames": list(args.dns_names),
                "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": args.issuer.name},
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.secret_name, self.gates = args.secret_name, [certificate]
        self.register_outputs({"namespace": args.namespace, "secretName": args.secret_name})
