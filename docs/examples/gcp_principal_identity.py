"""The operator of a GKE cluster as a principal of its own, with leave to read two containers."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ClusterRef,
    GcpNames,
    GcpOperatorGrant,
    GcpPrincipalIdentity,
    GcpPrincipalIdentityArgs,
    ServiceAccountRef,
)

names = GcpNames(
    prefix="platform",
    environment="prod",
    project_id="example-prod",
    project_number="111122223333",
    location="europe-west1",
)
containers = {name: names.secret_resource(names.secret_name(name)) for name in ("canary", "database/password")}

identity = GcpPrincipalIdentity(
    "identity",
    GcpPrincipalIdentityArgs(
        names=names,
        cluster=ClusterRef(
            name="prod",
            issuer_url=names.issuer_url("prod"),
            provider=kubernetes.Provider("cluster", context="prod"),
        ),
        service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
        grant=GcpOperatorGrant(secret_ids=containers),
    ),
)
pulumi.export("member", identity.member)
