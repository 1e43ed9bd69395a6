"""One resource for each rule that a preview can see broken."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}

key = aws.kms.Key("prod-key", policy=json.dumps(OPEN), enable_key_rotation=False, deletion_window_in_days=7)
secret = aws.secretsmanager.Secret("prod-secret", name="a/prod/b", recovery_window_in_days=0, kms_key_id=key.arn)
aws.secretsmanager.SecretPolicy(
    "prod-policy", secret_arn=secret.arn, policy=json.dumps(OPEN), block_public_policy=False
)
aws.eks.Cluster(
    "prod-cluster",
    name="prod",
    role_arn="arn:aws:iam::123456789012:role/cluster",
    vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=["subnet-01234567", "subnet-01234568"]),
)
cluster = kubernetes.Provider("cluster", kubeconfig="{}")
kubernetes.apiextensions.CustomResource(
    "prod-store",
    api_version="external-secrets.io/v1",
    kind="ClusterSecretStore",
    metadata={"name": "prod"},
    spec={"provider": {"aws": {"service": "SecretsManager", "region": "eu-west-1"}}},
    opts=pulumi.ResourceOptions(provider=cluster),
)
kubernetes.core.v1.Secret(
    "prod-plain", metadata={"name": "plain"}, string_data={"a": "b"}, opts=pulumi.ResourceOptions(provider=cluster)
)
