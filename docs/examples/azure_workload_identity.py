"""The operator's identity in an existing AKS cluster. What it may do is said by the grant."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AzureNames,
    AzureOperatorGrant,
    AzureWorkloadIdentity,
    AzureWorkloadIdentityArgs,
    ClusterRef,
    ServiceAccountRef,
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
    provider=kubernetes.Provider("kubernetes", context="prod"),
)

identity = AzureWorkloadIdentity(
    "identity",
    AzureWorkloadIdentityArgs(
        names=names,
        cluster=cluster,
        service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
        grant=AzureOperatorGrant(vault_id=names.vault_id(names.secrets_vault)),
    ),
)
pulumi.export("clientId", identity.client_id)
