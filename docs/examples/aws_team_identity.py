"""One team's role: the service accounts of its two namespaces read `payments/` and nothing else."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AwsNames,
    AwsTeamIdentity,
    AwsTeamIdentityArgs,
    ClusterRef,
    KeyRef,
    StoreRef,
    Team,
    TeamStores,
    TeamStoresArgs,
    team_scopes,
)

names = AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1")
cluster = ClusterRef(
    name="prod",
    issuer_url="https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
    provider=kubernetes.Provider("cluster", context="prod"),
)
teams = {"payments": Team(namespaces=["payments", "payments-jobs"], prefixes=["payments/"])}
(scope,) = team_scopes(teams, shared_prefixes=[], operator_namespace="external-secrets")

payments = AwsTeamIdentity(
    "payments",
    AwsTeamIdentityArgs(
        names=names,
        cluster=cluster,
        scope=scope,
        secrets_key=KeyRef(id="arn:aws:kms:eu-west-1:111122223333:key/0f0f0f0f-1111-2222-3333-444444444444"),
    ),
)
TeamStores(
    "teams",
    TeamStoresArgs(
        teams=teams,
        store=StoreRef(backend="aws", settings={"service": "SecretsManager", "region": names.region}),
        identities=payments.identities,
        containers=["payments/api"],
    ),
    pulumi.ResourceOptions(provider=cluster.provider),
)
pulumi.export("roleArn", payments.role_arn)
