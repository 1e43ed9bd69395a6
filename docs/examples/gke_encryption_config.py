"""A GKE cluster of your own, created with the environment's key wired in."""

import pulumi
import pulumi_gcp as gcp

from components import KeyRef, gke_encryption_config

key = KeyRef(id="projects/example-prod/locations/europe-west1/keyRings/platform-prod/cryptoKeys/etcd")

cluster = gcp.container.Cluster(
    "cluster",
    name="prod",
    project="example-prod",
    location="europe-west1",
    initial_node_count=1,
    database_encryption=gke_encryption_config(key),
    workload_identity_config={"workload_pool": "example-prod.svc.id.goog"},
)
pulumi.export("clusterName", cluster.name)
