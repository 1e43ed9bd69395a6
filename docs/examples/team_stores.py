"""Two teams in one environment, from one mapping: each namespace gets a store that opens its team's secrets only."""

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
                # Not the operator's own account: its pod must hold nothing of the environment's.
                "identity": {
                    "kind": "irsa",
                    "serviceAccountRef": {"namespace": "external-secrets", "name": "external-secrets-store"},
                },
                "store": {"conditions": [{"namespaces": ["secrets-bootstrap"]}]},
                "teams": {
                    "payments": {"namespaces": ["payments", "payments-jobs"], "prefixes": ["payments/"]},
                    "search": {
                        "namespaces": ["search"],
                        "prefixes": ["search/"],
                        "refresh": {"minimumInterval": "15m", "externalSecrets": 50},
                    },
                },
                "sharedPrefixes": ["shared/"],
                "secrets": {"payments/api": {}, "search/index": {}, "shared/ca": {}},
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
    SecretsBootstrapArgs(names=names, environment=config.environments["prod"], create_cluster=existing_cluster),
    pulumi.ResourceOptions(
        providers=[aws.Provider("aws", region=aws.Region(names.region), allowed_account_ids=[names.account_id])]
    ),
)
pulumi.export("refreshEstimate", environment.references["refreshEstimate"])
