"""Two keys made here and one adopted, with the policies that the environment's configuration asks for."""

import pulumi

from components import AwsEnvironmentKeys, AwsEnvironmentKeysArgs, key_policies, parse_config

config = parse_config(
    {
        "prefix": "platform",
        "environments": {
            "prod": {
                "region": "eu-west-1",
                "accountId": "111122223333",
                "administrators": ["arn:aws:iam::111122223333:role/deployer"],
                "deployers": ["arn:aws:iam::111122223333:role/deployer"],
                "cluster": {"kind": "selfManaged", "kmsPluginImage": "registry.example.com/aws-encryption-provider:v1"},
                "identity": {"kind": "irsa"},
                "store": {"conditions": [{"namespaces": ["apps"]}]},
                "namespaces": ["apps"],
            }
        },
    }
)
names = config.names("prod")

keys = AwsEnvironmentKeys(
    "keys",
    AwsEnvironmentKeysArgs(
        names=names,
        policies=key_policies(names, config.environments["prod"]),
        rotation_days=180,
        existing={"etcd": "arn:aws:kms:eu-west-1:111122223333:key/0f0f0f0f-1111-2222-3333-444444444444"},
    ),
)
pulumi.export("secretsKeyArn", keys.secrets.id)
