"""A database engine: users that live for an hour, and one whose password changes every week."""

import pulumi

from components import VaultDatabase, VaultDatabaseArgs, VaultDatabaseRole, VaultNames, VaultStaticRole

database = VaultDatabase(
    "database",
    VaultDatabaseArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        roles={
            "app": VaultDatabaseRole(
                creation=[
                    """CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'""",
                    'GRANT application TO "{{name}}"',
                ]
            )
        },
        static_roles={"report": VaultStaticRole(username="report", rotation_days=7)},
    ),
)
pulumi.export("connectionPolicy", database.connection_policy)
pulumi.export("credentials", database.credentials)
