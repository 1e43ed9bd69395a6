"""One team in Vault: a policy that reads `payments/`, and a role for the service account of each of its namespaces."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import ClusterRef, Team, VaultNames, VaultTeamIdentity, VaultTeamIdentityArgs, team_scopes

teams = {"payments": Team(namespaces=["payments", "payments-jobs"], prefixes=["payments/"])}
(scope,) = team_scopes(teams, shared_prefixes=[], operator_namespace="external-secrets")

payments = VaultTeamIdentity(
    "payments",
    VaultTeamIdentityArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        cluster=ClusterRef(
            name="prod",
            issuer_url="https://kubernetes.default.svc.cluster.local",
            provider=kubernetes.Provider("cluster", context="prod"),
        ),
        scope=scope,
        mount="platform/prod/secrets",
        auth_mount="platform/prod/kubernetes",
        audience="vault",
    ),
)
pulumi.export("policy", payments.policy)
