"""Two tenants: one by its service account's tokens, and one for whom an application with a login of its own works.

The engine and the JWT auth method are there: VaultFoundation and VaultJwtIdentity make them.
"""

import pulumi

from components import KeyRef, ServiceAccountRef, VaultNames, VaultTenantKeys, VaultTenantKeysArgs

tenants = VaultTenantKeys(
    "tenants",
    VaultTenantKeysArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        tenants_key=KeyRef(id="platform/prod/transit/keys/tenants"),
        tenants={"acme": ServiceAccountRef(namespace="acme", name="app"), "globex": None},
        jwt_mount="platform/prod/jwt",
    ),
)
pulumi.export("tenantPolicies", tenants.policies)
pulumi.export("tenantsAdministratorPolicy", tenants.administrator_policy)
