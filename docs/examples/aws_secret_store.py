"""The canary's container and two more: one that a pipeline may read too, and one under the tenants' key."""

import pulumi

from components import AwsNames, AwsSecretSpec, AwsSecretStore, AwsSecretStoreArgs, DeletionProfile, KeyRef

names = AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1")
key = "arn:aws:kms:eu-west-1:111122223333:key"

containers = AwsSecretStore(
    "secrets",
    AwsSecretStoreArgs(
        names=names,
        secrets_key=KeyRef(id=f"{key}/0f0f0f0f-1111-2222-3333-444444444444"),
        tenants_key=KeyRef(id=f"{key}/1e1e1e1e-1111-2222-3333-444444444444"),
        secrets={
            "database": AwsSecretSpec(
                description="Credentials of the database", readers=["arn:aws:iam::111122223333:role/migrations"]
            ),
            "tenants/acme": AwsSecretSpec(),
        },
        deletion_profile=DeletionProfile.EPHEMERAL,
    ),
)
pulumi.export("databaseArn", containers.secret_arns["database"])
