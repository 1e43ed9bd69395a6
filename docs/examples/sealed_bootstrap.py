"""An environment without a secret manager. The cluster is there already: `create_cluster` only describes it."""

import pulumi
import pulumi_kubernetes as kubernetes

from components import ClusterRef, SealedBootstrap, SealedBootstrapArgs, parse_config

config = parse_config(
    {
        "prefix": "platform",
        "sealedEnvironments": {"prod": {"namespaces": ["apps"], "sealedSecrets": {"namespaces": ["apps"]}}},
    }
)


def existing_cluster(name: str, options: pulumi.ResourceOptions) -> ClusterRef:
    """A cluster that was made elsewhere, whose Secrets are encrypted: `k3s server --secrets-encryption` for example."""
    return ClusterRef(
        name=config.cluster_name("prod"),
        issuer_url="https://prod.example.com:6443",
        provider=kubernetes.Provider(f"{name}-kubernetes", context="prod", opts=options),
    )


arguments = SealedBootstrapArgs(environment=config.sealed_environments["prod"], create_cluster=existing_cluster)
environment = SealedBootstrap("prod", arguments)
pulumi.export("environment", dict(environment.references))
