"""One team on Google Cloud: its service account reads the containers below `payments/`, each by a grant of its own."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import ClusterRef, GcpNames, GcpTeamIdentity, GcpTeamIdentityArgs, Team, team_scopes

names = GcpNames(
    prefix="platform",
    environment="prod",
    project_id="example-prod",
    project_number="123456789012",
    location="europe-west1",
)
teams = {"payments": Team(namespaces=["payments"], prefixes=["payments/"])}
(scope,) = team_scopes(teams, shared_prefixes=[], operator_namespace="external-secrets")

payments = GcpTeamIdentity(
    "payments",
    GcpTeamIdentityArgs(
        names=names,
        cluster=ClusterRef(
            name="prod",
            issuer_url=names.issuer_url("prod"),
            provider=kubernetes.Provider("cluster", context="prod"),
        ),
        scope=scope,
        # Of all containers; the team's are picked by their names.
        secret_ids={name: names.secret_resource(names.secret_name(name)) for name in ("payments/api", "search/index")},
    ),
)
pulumi.export("namespaces", list(payments.identities))
