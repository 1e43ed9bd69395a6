"""An issuer for example.com whose challenges are sent to a small zone of their own, by a CNAME for each name."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AcmeIssuer,
    AcmeIssuerArgs,
    AzureDns01Identity,
    AzureDns01IdentityArgs,
    AzureNames,
    ClusterRef,
    Dns01,
)

names = AzureNames(
    prefix="platform",
    environment="prod",
    subscription_id="11111111-1111-1111-1111-111111111111",
    tenant_id="99999999-9999-9999-9999-999999999999",
    location="westeurope",
    resource_group="platform-prod",
    keys_vault="platform-prod-keys",
    secrets_vault="platform-prod-secrets",
)
cluster = ClusterRef(
    name="prod",
    issuer_url="https://westeurope.oic.prod-aks.azure.com/99999999-9999-9999-9999-999999999999/example/",
    provider=kubernetes.Provider("cluster", context="prod"),
)
zones = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/dns/providers/Microsoft.Network/dnsZones"

identity = AzureDns01Identity(
    "dns01",
    AzureDns01IdentityArgs(names=names, cluster=cluster, zone_id=f"{zones}/acme.example.net"),
)
# In the zone example.com: _acme-challenge CNAME example.com.acme.example.net
delegated = Dns01(dns=identity.dns01, zones=["example.com"], delegated=True)
acme = AcmeIssuer(
    "acme",
    AcmeIssuerArgs(issuer_name="letsencrypt-staging", dns01=[delegated]),
    pulumi.ResourceOptions(provider=cluster.provider),
)
pulumi.export("clientId", identity.client_id)
