"""Inputs for certificates that work, for tests to use and to spoil."""

from collections.abc import Callable, Mapping
from typing import Any

from components import (
    AcmeIssuerArgs,
    AwsDns01RoleArgs,
    AzureDns01IdentityArgs,
    CertManagerArgs,
    Dns01,
    Dns01Ref,
    GcpDns01RoleArgs,
    Http01,
    HttpGateway,
    IdentityKind,
    IssuerRef,
    ServiceAccountRef,
    TlsCertificateArgs,
)
from tests.fast.components import samples, samples_azure, samples_gcp

ZONE_ID = "Z0123456789ABCDEFGHIJ"
AZURE_ZONE_ID = f"{samples_azure.GROUP}/Microsoft.Network/dnsZones/example.com"
ISSUER = IssuerRef(name="letsencrypt", zones=frozenset({"example.com"}), names=frozenset({"shop.example.net"}))


def route53(zone: str = "example.com", account: str | None = "acme-dns01") -> Dns01Ref:
    return Dns01Ref(
        provider="route53",
        settings={"region": "eu-west-1", "hostedZoneID": ZONE_ID},
        zone=zone,
        service_account=ServiceAccountRef(namespace="cert-manager", name=account) if account else None,
    )


def aws_role(**changes: Any) -> AwsDns01RoleArgs:
    values = {"names": samples.NAMES, "cluster": samples.cluster(), "zone": "example.com", "zone_id": ZONE_ID}
    return AwsDns01RoleArgs(**{**values, **changes})


def gcp_role(**changes: Any) -> GcpDns01RoleArgs:
    values = {
        "names": samples_gcp.NAMES,
        "cluster": samples_gcp.cluster(),
        "zone": "example.com",
        "managed_zone": "example-com",
    }
    return GcpDns01RoleArgs(**{**values, **changes})


def azure_identity(**changes: Any) -> AzureDns01IdentityArgs:
    values = {"names": samples_azure.NAMES, "cluster": samples.cluster(), "zone_id": AZURE_ZONE_ID}
    return AzureDns01IdentityArgs(**{**values, **changes})


def cert_manager(**changes: Any) -> CertManagerArgs:
    return CertManagerArgs(**{"namespaces": {"apps": None}, **changes})


def issuer(**changes: Any) -> AcmeIssuerArgs:
    values = {"issuer_name": "letsencrypt", "dns01": [Dns01(dns=route53())]}
    return AcmeIssuerArgs(**{**values, **changes})


def certificate(**changes: Any) -> TlsCertificateArgs:
    values = {"namespace": "apps", "secret_name": "shop-tls", "dns_names": ["shop.example.com"], "issuer": ISSUER}
    return TlsCertificateArgs(**{**values, **changes})


SOLVERS: Mapping[str, Callable[[], Any]] = {
    "zone": lambda: Dns01(dns=route53()),
    "part of a zone": lambda: Dns01(dns=route53(), zones=["shop.example.com"], wait_seconds=30),
    "delegated": lambda: Dns01(dns=route53("acme.example.org"), zones=["example.net"], delegated=True),
    "ingress": lambda: Http01(names=["shop.example.net"], ingress_class="public"),
    "gateway": lambda: Http01(names=["www.example.net"], gateway=HttpGateway(name="public", namespace="gateways")),
}

ARGUMENTS: Mapping[str, Callable[[], Any]] = {
    "AwsDns01Role": aws_role,
    "GcpDns01Role": gcp_role,
    "AzureDns01Identity": azure_identity,
    "CertManager": lambda: cert_manager(http01=["ingress", "gateway"]),
    "AcmeIssuer": lambda: issuer(dns01=[SOLVERS["zone"]()], http01=[SOLVERS["ingress"](), SOLVERS["gateway"]()]),
    "TlsCertificate": certificate,
}
"""Arguments of each component by its name, made inside a program."""
POD_IDENTITY = {"kind": IdentityKind.POD_IDENTITY}
