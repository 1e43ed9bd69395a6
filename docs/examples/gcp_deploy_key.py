"""A deploy key whose private half goes to a container that is there."""

import pulumi

from components import GcpDeployKey, GcpDeployKeyArgs

container = "projects/example-prod/secrets/platform--prod--argocd--platform"

deploy_key = GcpDeployKey(
    "deploy-key",
    GcpDeployKeyArgs(
        secret_id=container,
        deployers=["serviceAccount:deployer@example-prod.iam.gserviceaccount.com"],
    ),
)
pulumi.export("deployPublicKey", deploy_key.public_key)
