"""An EKS cluster of your own, created with the environment's key wired in."""

import pulumi
import pulumi_aws as aws

from components import KeyRef, eks_encryption_config

key = KeyRef(id="arn:aws:kms:eu-west-1:111122223333:key/0f0f0f0f-1111-2222-3333-444444444444")

cluster = aws.eks.Cluster(
    "cluster",
    name="prod",
    role_arn="arn:aws:iam::111122223333:role/platform-prod-eks-cluster",
    encryption_config=eks_encryption_config(key),
    vpc_config={"subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]},
)
pulumi.export("clusterArn", cluster.arn)
