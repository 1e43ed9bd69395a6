"""The canary's container and two more, in a kv engine that keeps the last five versions."""

import pulumi

from components import DeletionProfile, VaultNames, VaultSecretSpec, VaultSecretStore, VaultSecretStoreArgs

containers = VaultSecretStore(
    "secrets",
    VaultSecretStoreArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        secrets={
            "database": VaultSecretSpec(description="Passwords of the database"),
            "tenants/acme": VaultSecretSpec(),
        },
        max_versions=5,
        deletion_profile=DeletionProfile.EPHEMERAL,
    ),
)
pulumi.export("writersPolicy", containers.writers_policy)
