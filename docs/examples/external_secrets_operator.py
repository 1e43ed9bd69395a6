"""The operator in a cluster that is there, with leave to write Secrets in one namespace."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import (
    ExternalSecretsOperator,
    ExternalSecretsOperatorArgs,
    IdentityKind,
    IdentityRef,
    ServiceAccountRef,
)

cluster = kubernetes.Provider("cluster", context="prod")
apps = kubernetes.core.v1.Namespace("apps", metadata={"name": "apps"}, opts=pulumi.ResourceOptions(provider=cluster))

operator = ExternalSecretsOperator(
    "operator",
    ExternalSecretsOperatorArgs(
        identity=IdentityRef(
            kind=IdentityKind.POD_IDENTITY,
            principal="arn:aws:iam::111122223333:role/platform-prod-external-secrets",
            service_account=ServiceAccountRef(namespace="external-secrets", name="external-secrets"),
            backends=frozenset({"aws"}),
        ),
        namespaces={"apps": apps},
    ),
    pulumi.ResourceOptions(provider=cluster),
)
