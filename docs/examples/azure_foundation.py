"""Phase one of an environment. What it hands to the cluster's creation is in `foundation.encryption`."""

import pulumi
import pulumi_azure_native as azure_native

from components import AzureEnvironmentConfig, AzureFoundation, AzureFoundationArgs, parse_config

networks = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/network/providers/Microsoft.Network"
config = parse_config(
    {
        "prefix": "platform",
        "environments": {
            "prod": {
                "backend": "azure",
                "subscriptionId": "11111111-1111-1111-1111-111111111111",
                "tenantId": "99999999-9999-9999-9999-999999999999",
                "location": "westeurope",
                "resourceGroup": "platform-prod",
                "deployers": {"10000000-0000-0000-0000-000000000001": "ServicePrincipal"},
                "writers": {"10000000-0000-0000-0000-000000000003": "Group"},
                "keys": {"vault": "platform-prod-keys"},
                "secretsVault": {"name": "platform-prod-secrets"},
                "cluster": {"kind": "aks", "subnetId": f"{networks}/virtualNetworks/prod/subnets/nodes"},
                "identity": {"kind": "azureWorkloadIdentity"},
                "namespaces": ["apps"],
                "secrets": {"database": {}},
                "store": {"conditions": [{"namespaces": ["apps"]}]},
                "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
            }
        },
    }
)
environment = config.environments["prod"]
assert isinstance(environment, AzureEnvironmentConfig)
names = environment.names(config.prefix, "prod")
subscription = azure_native.Provider("azure", subscription_id=names.subscription_id, tenant_id=names.tenant_id)

foundation = AzureFoundation(
    "foundation",
    AzureFoundationArgs(names=names, environment=environment),
    pulumi.ResourceOptions(providers=[subscription]),
)
pulumi.export("etcdKeyUrl", foundation.encryption.key.id)
pulumi.export("deployPublicKey", foundation.deploy_public_key)
