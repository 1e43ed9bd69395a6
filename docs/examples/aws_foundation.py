"""Phase one of an environment. What it hands to the cluster's creation is in `foundation.encryption`."""

import pulumi
import pulumi_aws as aws

from components import AwsFoundation, AwsFoundationArgs, parse_config

config = parse_config(
    {
        "prefix": "platform",
        "environments": {
            "prod": {
                "region": "eu-west-1",
                "accountId": "111122223333",
                "administrators": ["arn:aws:iam::111122223333:role/deployer"],
                "deployers": ["arn:aws:iam::111122223333:role/deployer"],
                "writers": ["arn:aws:iam::111122223333:role/secret-writer"],
                "cluster": {"kind": "eks", "subnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]},
                "identity": {"kind": "podIdentity"},
                "namespaces": ["apps"],
                "secrets": {"database": {"description": "Credentials of the database"}},
                "store": {"conditions": [{"namespaces": ["apps"]}]},
                "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
            }
        },
    }
)
names = config.names("prod")
account = aws.Provider("aws", region=aws.Region(names.region), allowed_account_ids=[names.account_id])

foundation = AwsFoundation(
    "foundation",
    AwsFoundationArgs(names=names, environment=config.environments["prod"]),
    pulumi.ResourceOptions(providers=[account]),
)
pulumi.export("etcdKeyArn", foundation.encryption.key.id)
pulumi.export("deployPublicKey", foundation.deploy_public_key)
