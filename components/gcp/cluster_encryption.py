"""How GKE gets at the environment's key for etcd."""

import pulumi_gcp as gcp

from ..contracts import KeyRef


def gke_encryption_config(key: KeyRef) -> gcp.container.ClusterDatabaseEncryptionArgs:
    """What `gcp.container.Cluster` takes as `database_encryption`.

    key: the environment's key for etcd, in the cluster's own region; it must outlive the cluster.

    GKE's service agent must be granted the key before the cluster is created: wait for the gates of
    GcpEnvironmentKeys.
    Source: GKE, "Encrypt secrets at the application layer".
    """
    return gcp.container.ClusterDatabaseEncryptionArgs(state="ENCRYPTED", key_name=key.id)
