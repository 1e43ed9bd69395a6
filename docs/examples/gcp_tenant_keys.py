"""Two tenants: one by its own service account in the cluster, and one for whom an application works."""

import pulumi

from components import GcpNames, GcpTenantKeys, GcpTenantKeysArgs, KeyRef, ServiceAccountRef

names = GcpNames(
    prefix="platform",
    environment="prod",
    project_id="example-prod",
    project_number="111122223333",
    location="europe-west1",
)
tenants = GcpTenantKeys(
    "tenants",
    GcpTenantKeysArgs(
        names=names,
        tenants_key=KeyRef(id="projects/example-prod/locations/europe-west1/keyRings/platform-prod/cryptoKeys/tenants"),
        tenants={
            "acme": [names.principal(ServiceAccountRef(namespace="acme", name="app"))],
            "globex": ["serviceAccount:shop@example-prod.iam.gserviceaccount.com"],
        },
        administrators=["group:onboarding@example.com"],
    ),
)
pulumi.export("tenantKeyRing", tenants.key_ring)
