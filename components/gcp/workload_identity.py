"""How the operator gets into Secret Manager from GKE: one form of `auth` for both identities."""

from collections.abc import Mapping
from typing import Any

from ..contracts import ServiceAccountRef
from .names import GcpNames


def store_auth(names: GcpNames, cluster: str, account: ServiceAccountRef) -> Mapping[str, Any]:
    """What a store says about authentication.

    The operator mints a token of the service account for the audience `<project>.svc.id.goog`, which it adds by itself,
    and trades it for a federated token. If the account carries the annotation `iam.gke.io/gcp-service-account`, it then
    becomes that service account; else it uses the federated token as it is. The three fields of the cluster name the
    token's issuer; without them the operator asks the node's metadata server.
    Source: external-secrets v0.20.4, `pkg/provider/gcp/secretmanager/workload_identity.go`.
    """
    return {
        "auth": {
            "workloadIdentity": {
                "serviceAccountRef": {"name": account.name, "namespace": account.namespace},
                "clusterProjectID": names.project_id,
                "clusterLocation": names.location,
                "clusterName": cluster,
            }
        }
    }
