"""An issuer for a zone of Cloud DNS, which lies in a project of its own."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import AcmeIssuer, AcmeIssuerArgs, ClusterRef, Dns01, GcpDns01Role, GcpDns01RoleArgs, GcpNames

names = GcpNames(
    prefix="platform",
    environment="prod",
    project_id="example-prod",
    project_number="111122223333",
    location="europe-west1",
)
cluster = ClusterRef(
    name="prod",
    issuer_url=names.issuer_url("prod"),
    provider=kubernetes.Provider("cluster", context="prod"),
)
role = GcpDns01Role(
    "dns01",
    GcpDns01RoleArgs(
        names=names,
        cluster=cluster,
        zone="example.com",
        managed_zone="example-com",
        zone_project="example-dns",
    ),
)
acme = AcmeIssuer(
    "acme",
    AcmeIssuerArgs(issuer_name="letsencrypt-staging", dns01=[Dns01(dns=role.dns01)]),
    pulumi.ResourceOptions(provider=cluster.provider),
)
pulumi.export("member", role.member)
