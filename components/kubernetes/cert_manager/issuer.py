"""An ACME issuer for the whole cluster, limited to domains that are named."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import pulumi
import pulumi_kubernetes as kubernetes

from ...arguments import Arguments
from ...contracts import CERT_MANAGER_ACCOUNT, ServiceAccountRef
from ...forms import BASE64, DNS_SUBDOMAIN, EMAIL, HTTPS_URL
from ..operator_rbac import token_grant
from ..waiting import wait_until_ready
from .solvers import Dns01, Http01

API_VERSION = "cert-manager.io/v1"


class AcmeDirectory(StrEnum):
    """The directories of Let's Encrypt: the real one, and the one for staging, which no browser trusts."""

    LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
    LETS_ENCRYPT_STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"


@dataclass(frozen=True, kw_only=True)
class IssuerRef(Arguments):
    """An issuer of the cluster, and what it can issue for.

    name: the ClusterIssuer's name.
    zones: domains with every name below them, wildcards too.
    names: exact names.
    """

    name: str
    zones: frozenset[str] = field(default_factory=frozenset[str])
    names: frozenset[str] = field(default_factory=frozenset[str])

    def issues_for(self, dns_name: str) -> bool:
        """Whether one of its solvers is chosen for a name. For a wildcard the domain below it is proved."""
        if dns_name in self.names:
            return True
        domain = dns_name.removeprefix("*.")
        return any(domain == zone or domain.endswith(f".{zone}") for zone in self.zones)


@dataclass(frozen=True, kw_only=True)
class AcmeIssuerArgs(Arguments):
    """Arguments of AcmeIssuer.

    issuer_name: its name in the cluster.
    dns01: solvers by DNS; default none.
    http01: solvers by HTTP; default none. There must be one solver at least, and no two for the same domain.
    server: the ACME server's directory; https://; default AcmeDirectory.LETS_ENCRYPT_STAGING, whose limits are wide.
    email: where the server may write to; default none.
    account_key_secret: the name of the Secret in which cert-manager makes and keeps the account's key, in its own
        namespace; default `<issuer_name>-account-key`.
    ca_bundle: the authority of the ACME server, PEM in base64, if no public one signed it; default none.
    controller: cert-manager's own service account; default cert-manager/cert-manager. Its namespace must be what
        cert-manager calls the cluster resource namespace, which is so in its chart.
    after: what must be ready before, such as cert-manager; default none.
    timeout_seconds: how long it may take to be ready; seconds, 10 to 3600; default 300.
    """

    issuer_name: str
    dns01: Sequence[Dns01] = ()
    http01: Sequence[Http01] = ()
    server: str = AcmeDirectory.LETS_ENCRYPT_STAGING
    email: str | None = None
    account_key_secret: str | None = None
    ca_bundle: str | None = None
    controller: ServiceAccountRef = CERT_MANAGER_ACCOUNT
    after: Sequence[pulumi.Resource] = ()
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        self.require_form("issuer_name", self.issuer_name, DNS_SUBDOMAIN)
        self.require_form("server", self.server, HTTPS_URL)
        self.require_form("account_key_secret", self.key_secret, DNS_SUBDOMAIN)
        if self.email is not None:
            self.require_form("email", self.email, EMAIL)
        if self.ca_bundle is not None:
            self.require_form("ca_bundle", self.ca_bundle, BASE64)
        self.require_timeout(self.timeout_seconds)
        self.require(bool(self.dns01 or self.http01), "dns01", "no solver is given", "give one by DNS or HTTP")
        zones = [zone for one in self.dns01 for zone in one.domains]
        names = [name for one in self.http01 for name in one.names]
        self.require(
            len({*zones, *names}) == len(zones) + len(names),
            "dns01",
            "names a domain twice, in one solver or in two, of which only one would be used",
            "name each domain in one solver",
        )
        for index, solver in enumerate(self.dns01):
            account = solver.dns.service_account
            self.require(
                account is None or account.namespace == self.controller.namespace,
                f"dns01.{index}.dns.service_account.namespace",
                "is not cert-manager's, where it looks for the service account",
                f"set it to {self.controller.namespace}",
            )
            self.require(
                account != self.controller,
                f"dns01.{index}.dns.service_account",
                "is the controller's own, whose rights every issuer has",
                "give the zone a service account of its own",
            )

    @property
    def key_secret(self) -> str:
        return self.account_key_secret or f"{self.issuer_name}-account-key"

    @property
    def accounts(self) -> Sequence[ServiceAccountRef]:
        """The service accounts whose tokens cert-manager presents, each once."""
        named = (one.dns.service_account for one in self.dns01)
        return list(dict.fromkeys(account for account in named if account is not None))


class AcmeIssuer(pulumi.ComponentResource):
    """One ClusterIssuer that counts as created when the ACME server knows its account.

    Creates:
    - for each zone whose solver presents a token, the service account in cert-manager's namespace, and the role
      `acme-token-<service account>` with its binding, by which cert-manager's controller may mint tokens of this one;
    - the ClusterIssuer. Each of its solvers is limited to domains.

    cert-manager makes the account's key in the cluster; here only the name of its Secret is known. Every namespace may
    ask a ClusterIssuer for certificates of its domains: where domains have different owners, put a policy in front of
    CertificateRequests.

    Outputs:
    - `issuer`: what requests name (IssuerRef).
    - `gates`: everything that was created.

    Raises ConfigError for names, addresses and solvers that cannot work, before anything is created.
    Sources: cert-manager v1.21.2, `pkg/apis/acme/v1/types_issuer.go`; its documentation, "ACME" and "Route53" (IAM role
    with dedicated service account).
    """

    issuer: IssuerRef
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: AcmeIssuerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AcmeIssuer", name, None, opts)
        permissions = [made for account in args.accounts for made in self._account(name, args, account)]
        acme: dict[str, object] = {
            "server": str(args.server),
            "privateKeySecretRef": {"name": args.key_secret},
            "solvers": [one.spec() for one in (*args.dns01, *args.http01)],
        }
        if args.email is not None:
            acme["email"] = args.email
        if args.ca_bundle is not None:
            acme["caBundle"] = args.ca_bundle
        issuer = kubernetes.apiextensions.CustomResource(
            f"{name}-issuer",
            api_version=API_VERSION,
            kind="ClusterIssuer",
            metadata={"name": args.issuer_name, "annotations": wait_until_ready(args.timeout_seconds)},
            spec={"acme": acme},
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*permissions, *args.after, *(gate for one in args.dns01 for gate in one.dns.gates)],
            ),
        )
        self.gates = [*permissions, issuer]
        self.issuer = IssuerRef(
            name=args.issuer_name,
            zones=frozenset(zone for one in args.dns01 for zone in one.domains),
            names=frozenset(dns_name for one in args.http01 for dns_name in one.names),
        )
        self.register_outputs({"issuerName": args.issuer_name})

    def _account(self, name: str, args: AcmeIssuerArgs, account: ServiceAccountRef) -> list[pulumi.Resource]:
        after = pulumi.ResourceOptions(parent=self, depends_on=list(args.after))
        made = kubernetes.core.v1.ServiceAccount(
            f"{name}-account-{account.name}",
            metadata={"name": account.name, "namespace": account.namespace},
            automount_service_account_token=False,
            opts=after,
        )
        granted = token_grant(
            f"{name}-token-{account.name}",
            role_name=f"acme-token-{account.name}",
            account=args.controller,
            target=account,
            opts=after,
        )
        return [made, *granted]
