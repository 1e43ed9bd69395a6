"""Phase one of an environment. What it hands to the cluster's creation is in `foundation.encryption`."""

import pulumi
import pulumi_gcp as gcp

from components import GcpFoundation, GcpFoundationArgs, parse_config

config = parse_config(
    {
        "prefix": "platform",
        "environments": {
            "prod": {
                "backend": "gcp",
                "projectId": "example-prod",
                "projectNumber": "111122223333",
                "location": "europe-west1",
                "administrators": ["group:key-administrators@example.com"],
                "deployers": ["serviceAccount:deployer@example-prod.iam.gserviceaccount.com"],
                "writers": ["group:secret-writers@example.com"],
                "cluster": {"kind": "gke", "network": "platform", "subnetwork": "platform-europe-west1"},
                "identity": {"kind": "gkePrincipal"},
                "namespaces": ["apps"],
                "secrets": {"database/password": {"description": "Credentials of the database"}},
                "store": {"conditions": [{"namespaces": ["apps"]}]},
                "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
            }
        },
    }
)
names = config.names("prod")
project = gcp.Provider("gcp", project="example-prod", region="europe-west1")

foundation = GcpFoundation(
    "foundation",
    GcpFoundationArgs(names=names, environment=config.environments["prod"]),
    pulumi.ResourceOptions(providers=[project]),
)
pulumi.export("etcdKeyName", foundation.encryption.key.id)
pulumi.export("deployPublicKey", foundation.deploy_public_key)
