"""A deploy key whose private half goes to a container with its policy, and whose public half is for the Git host."""

import pulumi

from components import (
    AwsDeployKey,
    AwsDeployKeyArgs,
    AwsNames,
    AwsSecretSpec,
    AwsSecretStore,
    AwsSecretStoreArgs,
    KeyRef,
)

key = KeyRef(id="arn:aws:kms:eu-west-1:111122223333:key/0f0f0f0f-1111-2222-3333-444444444444")

containers = AwsSecretStore(
    "secrets",
    AwsSecretStoreArgs(
        names=AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1"),
        secrets_key=key,
        tenants_key=key,
        # The program reads back what it wrote, to see drift.
        secrets={"argocd/platform": AwsSecretSpec(readers=["arn:aws:iam::111122223333:role/deployer"])},
    ),
)
deploy_key = AwsDeployKey(
    "deploy-key",
    AwsDeployKeyArgs(secret_id=containers.secret_arns["argocd/platform"], after=containers.gates),
)

pulumi.export("publicKey", deploy_key.public_key)
