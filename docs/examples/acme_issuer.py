"""Certificates for names whose DNS cannot be written from here: by HTTP, through an Ingress and through a Gateway."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import AcmeIssuer, AcmeIssuerArgs, Http01, HttpGateway, TlsCertificate, TlsCertificateArgs

inside = pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod"))

acme = AcmeIssuer(
    "acme",
    AcmeIssuerArgs(
        issuer_name="letsencrypt-staging",
        email="certificates@example.com",
        http01=[
            Http01(names=["shop.example.com", "www.example.com"], ingress_class="public"),
            Http01(names=["api.example.com"], gateway=HttpGateway(name="public", namespace="gateways")),
        ],
    ),
    inside,
)
for name in ("shop", "api"):
    TlsCertificate(
        name,
        TlsCertificateArgs(
            namespace="apps",
            secret_name=f"{name}-tls",
            dns_names=[f"{name}.example.com"],
            issuer=acme.issuer,
            after=acme.gates,
        ),
        inside,
    )
pulumi.export("issuer", acme.issuer.name)
