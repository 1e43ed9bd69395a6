"""A deploy key whose private half goes to a container, and whose public half is for the Git host."""

import pulumi
import pulumi_aws as aws

from components import AwsDeployKey, AwsDeployKeyArgs

container = aws.secretsmanager.Secret("container", name="platform/prod/argocd/platform")
deploy_key = AwsDeployKey("deploy-key", AwsDeployKeyArgs(secret_id=container.arn))

pulumi.export("publicKey", deploy_key.public_key)
