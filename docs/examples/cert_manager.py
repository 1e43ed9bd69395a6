"""cert-manager on EKS, for certificates in the namespace `apps`, with a zone in Route 53 by Pod Identity."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AcmeIssuer,
    AcmeIssuerArgs,
    AwsDns01Role,
    AwsDns01RoleArgs,
    AwsNames,
    CertManager,
    CertManagerArgs,
    ClusterRef,
    Dns01,
    IdentityKind,
    TlsCertificate,
    TlsCertificateArgs,
)

names = AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1")
issuer_url = "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
cluster = ClusterRef(name="prod", issuer_url=issuer_url, provider=kubernetes.Provider("cluster", context="prod"))
inside = pulumi.ResourceOptions(provider=cluster.provider)
apps = kubernetes.core.v1.Namespace("apps", metadata={"name": "apps"}, opts=inside)

role = AwsDns01Role(
    "dns01",
    AwsDns01RoleArgs(
        names=names,
        cluster=cluster,
        zone="example.com",
        zone_id="Z0123456789ABCDEFGHIJ",
        kind=IdentityKind.POD_IDENTITY,
    ),
)
manager = CertManager("cert-manager", CertManagerArgs(namespaces={"apps": apps}, dns01=[role.dns01]), inside)
acme = AcmeIssuer(
    "acme",
    AcmeIssuerArgs(
        issuer_name="letsencrypt-staging",
        dns01=[Dns01(dns=role.dns01)],
        controller=manager.service_account,
        after=manager.gates,
    ),
    inside,
)
TlsCertificate(
    "shop",
    TlsCertificateArgs(
        namespace="apps",
        secret_name="shop-tls",
        dns_names=["shop.example.com"],
        issuer=acme.issuer,
        after=acme.gates,
    ),
    inside,
)
