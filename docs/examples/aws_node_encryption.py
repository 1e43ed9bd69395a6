"""What a self-managed control plane must be given before its first start."""

import pulumi

from components import AwsNames, AwsNodeEncryption, AwsNodeEncryptionArgs, KeyRef

nodes = AwsNodeEncryption(
    "encryption",
    AwsNodeEncryptionArgs(
        names=AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1"),
        etcd_key=KeyRef(id="arn:aws:kms:eu-west-1:111122223333:key/0f0f0f0f-1111-2222-3333-444444444444"),
        plugin_image="registry.example.com/aws-encryption-provider:v1",
    ),
)
pulumi.export("encryptionConfiguration", nodes.encryption.encryption_configuration)
pulumi.export("staticPod", nodes.encryption.kms_plugin)
pulumi.export("nodeRoleArn", nodes.encryption.node_role_arn)
