"""How an issuer proves that a name is ours, and for which names: the solvers of an ACME ClusterIssuer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...arguments import Arguments
from ...contracts import Dns01Ref
from ...forms import DNS_LABEL, DNS_SUBDOMAIN, DNS_ZONE


@dataclass(frozen=True, kw_only=True)
class Dns01(Arguments):
    """By a TXT record in a hosted zone. Raises ConfigError for zones that the hosted zone cannot answer for.

    dns: the hosted zone, and who writes there.
    zones: domains that it answers for, with every name below them and their wildcards; default the hosted zone's.
    delegated: whether each name's `_acme-challenge` is a CNAME into the hosted zone, so that the domains themselves may
        be hosted elsewhere; on AWS and Google Cloud it has to point to a name that begins with `_acme-challenge.`;
        default false.
    wait_seconds: how long cert-manager waits instead of looking for the record itself, in clusters that do not see the
        public DNS; seconds, 0 to 3600; default none: it looks, and then waits a minute.
    """

    dns: Dns01Ref
    zones: Sequence[str] = ()
    delegated: bool = False
    wait_seconds: int | None = None

    def __post_init__(self) -> None:
        hosted = self.dns.zone
        self.require(
            self.wait_seconds is None or 0 <= self.wait_seconds <= 3600,
            "wait_seconds",
            "is not from 0 to 3600",
            "60 is usual",
        )
        self.require(
            not self.delegated or bool(self.zones),
            "zones",
            "is empty, and a delegated zone answers for other domains than its own",
            "name the domains whose _acme-challenge points here",
        )
        for index, zone in enumerate(self.zones):
            self.require_form(f"zones.{index}", zone, DNS_ZONE)
            self.require(
                self.delegated or zone == hosted or zone.endswith(f".{hosted}"),
                f"zones.{index}",
                "is not the hosted zone or below it",
                "name the right hosted zone, or set delegated and a CNAME",
            )

    @property
    def domains(self) -> Sequence[str]:
        return self.zones or (self.dns.zone,)

    def spec(self) -> Mapping[str, Any]:
        """The solver as cert-manager reads it."""
        how: dict[str, Any] = {self.dns.provider: dict(self.dns.settings)}
        if self.delegated:
            how["cnameStrategy"] = "Follow"
        wait = {} if self.wait_seconds is None else {"waitInsteadOfSelfCheck": f"{self.wait_seconds}s"}
        return {"selector": {"dnsZones": list(self.domains)}, "dns01": how, **wait}


@dataclass(frozen=True, kw_only=True)
class HttpGateway(Arguments):
    """A Gateway (Gateway API) to which cert-manager attaches a route for each challenge.

    name: the Gateway's name.
    namespace: its namespace; it must let routes of the certificates' namespaces attach.
    """

    name: str
    namespace: str

    def __post_init__(self) -> None:
        self.require_form("name", self.name, DNS_SUBDOMAIN)
        self.require_form("namespace", self.namespace, DNS_LABEL)


@dataclass(frozen=True, kw_only=True)
class Http01(Arguments):
    """By an answer on port 80 of the name itself, where no DNS can be written. It has no wildcards.

    Raises ConfigError without a name, for names with a wildcard, and unless exactly one way in is given.

    names: the exact names that it answers for; at least one.
    ingress_class: the class of the Ingress that cert-manager makes for each challenge.
    gateway: the Gateway for the same, in a cluster with the Gateway API.
    """

    names: Sequence[str]
    ingress_class: str | None = None
    gateway: HttpGateway | None = None

    def __post_init__(self) -> None:
        self.require(bool(self.names), "names", "is empty, so it would answer for every name", "name each of them")
        for index, name in enumerate(self.names):
            self.require_form(f"names.{index}", name, DNS_ZONE)
        self.require(
            (self.ingress_class is None) != (self.gateway is None),
            "ingress_class",
            "challenges come in by exactly one way",
            "give an ingress_class or a gateway",
        )
        if self.ingress_class is not None:
            self.require_form("ingress_class", self.ingress_class, DNS_SUBDOMAIN)

    def spec(self) -> Mapping[str, Any]:
        """The solver as cert-manager reads it."""
        # The default service type opens a port on every node.
        how: dict[str, Any] = {"serviceType": "ClusterIP"}
        if self.gateway is None:
            http01 = {"ingress": {**how, "ingressClassName": self.ingress_class}}
        else:
            parent = {"kind": "Gateway", "name": self.gateway.name, "namespace": self.gateway.namespace}
            http01 = {"gatewayHTTPRoute": {**how, "parentRefs": [parent]}}
        return {"selector": {"dnsNames": list(self.names)}, "http01": http01}
