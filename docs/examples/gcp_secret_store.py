"""The canary's container and three more: one that a person fills, one of a tenant, and one that was there before."""

import pulumi

from components import DeletionProfile, GcpNames, GcpSecretSpec, GcpSecretStore, GcpSecretStoreArgs, KeyRef

ring = "projects/example-prod/locations/europe-west1/keyRings/platform-prod/cryptoKeys"

containers = GcpSecretStore(
    "secrets",
    GcpSecretStoreArgs(
        names=GcpNames(
            prefix="platform",
            environment="prod",
            project_id="example-prod",
            project_number="111122223333",
            location="europe-west1",
        ),
        secrets_keys={"europe-west1": KeyRef(id=f"{ring}/secrets")},
        tenants_keys={"europe-west1": KeyRef(id=f"{ring}/tenants")},
        secrets={
            "database/password": GcpSecretSpec(
                description="Credentials of the database", writers=["group:secret-writers@example.com"]
            ),
            "tenants/acme": GcpSecretSpec(),
            "legacy": GcpSecretSpec(existing_id="billing-token"),
        },
        deletion_profile=DeletionProfile.EPHEMERAL,
    ),
)
pulumi.export("databaseSecret", containers.secret_ids["database/password"])
