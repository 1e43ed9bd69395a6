"""A role for one service account of one cluster, taken with the account's own token."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    AwsIrsaIdentity,
    AwsIrsaIdentityArgs,
    AwsNames,
    ClusterRef,
    KeyRef,
    OperatorGrant,
    ServiceAccountRef,
)

key = "arn:aws:kms:eu-west-1:111122223333:key"

irsa = AwsIrsaIdentity(
    "identity",
    AwsIrsaIdentityArgs(
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
pulumi.export("roleArn", irsa.role_arn)
