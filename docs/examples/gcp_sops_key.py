"""The key of prod's SOPS files: the platform team writes them, and the pipeline of the cluster only opens them."""

import pulumi

from components import GcpNames, GcpSopsKey, GcpSopsKeyArgs

names = GcpNames(
    prefix="platform",
    environment="prod",
    project_id="example-prod",
    project_number="111122223333",
    location="europe-west1",
)
sops = GcpSopsKey(
    "sops",
    GcpSopsKeyArgs(
        names=names,
        administrators=["group:key-administrators@example.com"],
        editors=["group:platform-team@example.com"],
        appliers=["serviceAccount:pipeline@example-prod.iam.gserviceaccount.com"],
    ),
)
pulumi.export("sopsKeyName", sops.key.id)  # goes into sops-recipients.yaml
