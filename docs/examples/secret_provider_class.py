"""A team's key as a file of a pod, by the Secrets Store CSI driver, with the identity of the team's stores."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components import (
    ClusterEncryption,
    ClusterRef,
    SecretProviderClass,
    SecretProviderClassArgs,
    SecretsBootstrap,
    SecretsBootstrapArgs,
    parse_config,
)

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
                "identity": {
                    "kind": "irsa",
                    "serviceAccountRef": {"namespace": "external-secrets", "name": "external-secrets-store"},
                },
                "store": {"conditions": [{"namespaces": ["secrets-bootstrap"]}]},
                "teams": {"payments": {"namespaces": ["payments"], "prefixes": ["payments/"]}},
                "secrets": {"payments/api": {}},
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
team = environment.team_identities["payments"]
files = SecretProviderClass(
    "prod-payments-files",
    SecretProviderClassArgs(
        namespace="payments",
        class_name="app",
        store=environment.foundation.store,
        identity=team,
        files={"api-key": names.secret_name("payments/api")},
    ),
    pulumi.ResourceOptions(provider=environment.cluster.provider),
)
kubernetes.core.v1.Pod(
    "payments-app",
    metadata={"name": "app", "namespace": "payments"},
    spec={
        "serviceAccountName": team.service_account.name,  # the pod has to be who the class is for
        "containers": [
            {
                "name": "app",
                "image": "registry.example.com/app:v1",
                "volumeMounts": [{"name": "secrets", "mountPath": "/run/secrets/app", "readOnly": True}],
            }
        ],
        "volumes": [{"name": "secrets", "csi": files.volume}],
    },
    opts=pulumi.ResourceOptions(provider=environment.cluster.provider, depends_on=[environment, *files.gates]),
)
