"""A role that the branch main of one GitHub repository takes to push images to ECR."""

import pulumi

from components import AwsCiRole, AwsCiRoleArgs, AwsNames, github_ci

ci = AwsCiRole(
    "ci",
    AwsCiRoleArgs(
        names=AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1"),
        purpose="images",
        subject=github_ci("acme", "shop", owner_id="123456", repository_id="456789", branch="main"),
        push=["arn:aws:ecr:eu-west-1:111122223333:repository/shop"],
    ),
)
pulumi.export("ciRoleArn", ci.role_arn)
