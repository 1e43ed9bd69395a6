"""Two tenants: one whose own workload uses its key, and one for whom an application for many tenants does.

The environment's configuration has `tenantKeys: true`, so that the policy of the key `tenants` admits these roles.
"""

import pulumi

from components import AwsNames, AwsTenant, AwsTenantKeys, AwsTenantKeysArgs, KeyRef, ServiceAccountRef

names = AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1")

tenants = AwsTenantKeys(
    "tenants",
    AwsTenantKeysArgs(
        names=names,
        tenants_key=KeyRef(id="arn:aws:kms:eu-west-1:111122223333:key/1e1e1e1e-1111-2222-3333-444444444444"),
        tenants={
            "acme": AwsTenant(service_account=ServiceAccountRef(namespace="acme", name="app")),
            "globex": AwsTenant(role_arn="arn:aws:iam::111122223333:role/shop"),
        },
        administrators=["arn:aws:iam::111122223333:role/onboarding"],
        issuer_url="https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
    ),
)
pulumi.export("tenantTable", tenants.table_name)
pulumi.export("tenantRoles", tenants.role_arns)
