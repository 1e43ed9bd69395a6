"""A role that the agent of one EKS cluster hands to the operator's pod."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AwsNames,
    AwsPodIdentity,
    AwsPodIdentityArgs,
    ClusterRef,
    KeyRef,
    OperatorGrant,
    ServiceAccountRef,
)

key = "arn:aws:kms:eu-west-1:111122223333:key"

pod_identity = AwsPodIdentity(
    "identity",
    AwsPodIdentityArgs(
        names=AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1"),
        cluster=ClusterRef(
            name="prod",
            issuer_url="https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            provider=kubernetes.Provider("cluster", context="prod"),
        ),
        service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
        grant=OperatorGrant(
            secrets_key=KeyRef(id=f"{key}/0f0f0f0f-1111-2222-3333-444444444444"),
            tenants_key=KeyRef(id=f"{key}/1e1e1e1e-1111-2222-3333-444444444444"),
        ),
    ),
)
pulumi.export("roleArn", pod_identity.role_arn)
