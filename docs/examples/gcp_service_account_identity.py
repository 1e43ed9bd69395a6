"""The operator of a GKE cluster acts as a service account of IAM that is made for it."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ClusterRef,
    GcpNames,
    GcpOperatorGrant,
    GcpServiceAccountIdentity,
    GcpServiceAccountIdentityArgs,
    ServiceAccountRef,
)

names = GcpNames(
    prefix="platform",
    environment="prod",
    project_id="example-prod",
    project_number="111122223333",
    location="europe-west1",
)

identity = GcpServiceAccountIdentity(
    "identity",
    GcpServiceAccountIdentityArgs(
        names=names,
        cluster=ClusterRef(
            name="prod",
            issuer_url=names.issuer_url("prod"),
            provider=kubernetes.Provider("cluster", context="prod"),
        ),
        service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
        grant=GcpOperatorGrant(secret_ids={"canary": names.secret_resource(names.secret_name("canary"))}),
    ),
)
pulumi.export("email", identity.email)
