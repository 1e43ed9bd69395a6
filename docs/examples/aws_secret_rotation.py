"""A container that Secrets Manager rotates every two weeks, by a function that is there."""

import pulumi

from components import (
    AwsNames,
    AwsSecretRotation,
    AwsSecretRotationArgs,
    AwsSecretSpec,
    AwsSecretStore,
    AwsSecretStoreArgs,
    KeyRef,
)

ROLE = "arn:aws:iam::123456789012:role/rotate-database"
KEY = KeyRef(id="arn:aws:kms:eu-west-1:123456789012:key/0e0e0e0e-1111-2222-3333-444444444444")
names = AwsNames(prefix="platform", environment="prod", account_id="123456789012", region="eu-west-1")
containers = AwsSecretStore(
    "secrets",
    AwsSecretStoreArgs(
        names=names,
        secrets_key=KEY,
        tenants_key=KEY,
        secrets={"database": AwsSecretSpec(readers=[ROLE])},  # the function reads the value that it replaces
    ),
)
rotation = AwsSecretRotation(
    "rotation",
    AwsSecretRotationArgs(
        names=names,
        secret="database",
        secret_arn=containers.secret_arns["database"],
        key=KEY,
        function_arn="arn:aws:lambda:eu-west-1:123456789012:function:rotate-database",
        function_role_arn=ROLE,
        schedule="rate(14 days)",
        window_hours=4,
        after=containers.gates,
    ),
)
pulumi.export("rotated", containers.secret_arns["database"])
