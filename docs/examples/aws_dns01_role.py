"""A certificate for a zone in Route 53: the role, the issuer, and the request."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AcmeDirectory,
    AcmeIssuer,
    AcmeIssuerArgs,
    AwsDns01Role,
    AwsDns01RoleArgs,
    AwsNames,
    ClusterRef,
    Dns01,
    TlsCertificate,
    TlsCertificateArgs,
)

names = AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1")
issuer_url = "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
cluster = ClusterRef(name="prod", issuer_url=issuer_url, provider=kubernetes.Provider("cluster", context="prod"))
inside = pulumi.ResourceOptions(provider=cluster.provider)

role = AwsDns01Role(
    "dns01",
    AwsDns01RoleArgs(
        names=names,
        cluster=cluster,
        zone="example.com",
        zone_id="Z0123456789ABCDEFGHIJ",
        oidc_provider_arn=names.oidc_provider_arn(issuer_url),  # the operator's identity has made it
    ),
)
acme = AcmeIssuer(
    "acme",
    AcmeIssuerArgs(issuer_name="letsencrypt", server=AcmeDirectory.LETS_ENCRYPT, dns01=[Dns01(dns=role.dns01)]),
    inside,
)
certificate = TlsCertificate(
    "shop",
    TlsCertificateArgs(
        namespace="apps",
        secret_name="shop-tls",
        dns_names=["shop.example.com", "*.shop.example.com"],
        issuer=acme.issuer,
        after=acme.gates,
    ),
    inside,
)
pulumi.export("tlsSecret", certificate.secret_name)
