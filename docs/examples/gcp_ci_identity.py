"""A service account that one environment of one Bitbucket repository acts as to push images to Artifact Registry."""

import pulumi

from components import GcpCiIdentity, GcpCiIdentityArgs, GcpNames, bitbucket_ci

ci = GcpCiIdentity(
    "ci",
    GcpCiIdentityArgs(
        names=GcpNames(
            prefix="platform",
            environment="prod",
            project_id="example-prod",
            project_number="123456789012",
            location="europe-west1",
        ),
        purpose="images",
        subject=bitbucket_ci(
            "acme",
            "{aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa}",
            "{bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb}",
            environment_uuid="{cccccccc-0000-4000-8000-cccccccccccc}",
        ),
        push=["projects/example-prod/locations/europe-west1/repositories/shop"],
    ),
)
pulumi.export("ciServiceAccount", ci.email)
pulumi.export("ciProvider", ci.provider)
