"""One team on Azure: an identity that its service accounts take, and that reads the secrets below `payments/`."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AzureNames,
    AzureOperatorGrant,
    AzureTeamIdentity,
    AzureTeamIdentityArgs,
    ClusterRef,
    Team,
    team_scopes,
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
teams = {"payments": Team(namespaces=["payments", "payments-jobs"], prefixes=["payments/"])}
(scope,) = team_scopes(teams, shared_prefixes=[], operator_namespace="external-secrets")

payments = AzureTeamIdentity(
    "payments",
    AzureTeamIdentityArgs(
        names=names,
        cluster=ClusterRef(
            name="prod",
            issuer_url="https://westeurope.oic.prod-aks.azure.com/TENANT/ISSUER/",
            provider=kubernetes.Provider("cluster", context="prod"),
        ),
        scope=scope,
        grant=AzureOperatorGrant(vault_id=names.vault_id(names.secrets_vault)),
        # Of all secrets; the team's are picked by their names.
        containers=["payments/api", "search/index"],
    ),
)
pulumi.export("clientId", payments.client_id)
