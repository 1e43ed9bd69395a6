"""Sealed Secrets for the namespace `apps` of a cluster without a secret manager. The key is born in the cluster."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import SealedSecrets, SealedSecretsArgs

cluster = pulumi.ResourceOptions(provider=kubernetes.Provider("cluster", context="prod"))
apps = kubernetes.core.v1.Namespace("apps", metadata={"name": "apps"}, opts=cluster)

SealedSecrets("sealed-secrets", SealedSecretsArgs(namespaces={"apps": apps}), cluster)
