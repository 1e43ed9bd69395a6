"""A whole environment. The cluster is an existing EKS cluster here, so `create_cluster` only describes it."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components import ClusterEncryption, ClusterRef, SecretsBootstrap, SecretsBootstrapArgs, parse_config

config = parse_config(
    {
        "prefix": "platform",
        "environments": {
            "prod": {
                "region": "eu-west-1",
                "accountId": "111122223333",
                "administrators": ["arn:aws:iam::111122223333:role/deployer"],
                "deployers": ["arn:aws:iam::111122223333:role/deployer"],
                "cluster": {"kind": "eks", "subnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]},
                "identity": {"kind": "irsa"},
                "namespaces": ["apps"],
                "secrets": {"database": {}},
                "store": {"conditions": [{"namespaces": ["apps"]}]},
            }
        },
    }
)
names = config.names("prod")


def existing_cluster(name: str, _encryption: ClusterEncryption, options: pulumi.ResourceOptions) -> ClusterRef:
    """A cluster that was made elsewhere. One that is made here must be given the encryption."""
    return ClusterRef(
        name=config.cluster_name("prod"),
        issuer_url="https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        provider=kubernetes.Provider(f"{name}-kubernetes", context="prod", opts=options),
    )


environment = SecretsBootstrap(
    "prod",
    SecretsBootstrapArgs(
        names=names,
        environment=config.environments["prod"],
        create_cluster=existing_cluster,
    ),
    pulumi.ResourceOptions(
        providers=[aws.Provider("aws", region=aws.Region(names.region), allowed_account_ids=[names.account_id])]
    ),
)
pulumi.export("environment", dict(environment.references))
