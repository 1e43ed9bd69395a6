"""The predefined roles that are granted, each on one key, one secret or one service account.

None of them is a custom role: the id of a deleted custom role is blocked for 37 days, which an environment that is
made again would run into (IAM, "Create and manage custom roles"). GcpDns01Role alone has to make one. CLUSTER_VIEWER
and NODE have no place so narrow.
Sources: Secret Manager, "Access control with IAM"; Cloud KMS, "Permissions and roles"; GKE, "Harden your cluster's
security" (least privilege for node service accounts).
"""

ENCRYPTER_DECRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
"""For service agents: use one key."""
DECRYPTER = "roles/cloudkms.cryptoKeyDecrypter"
"""Decrypt with one key; it cannot encrypt."""
KEY_ADMIN = "roles/cloudkms.admin"
"""For administrators: manage one key; it can neither encrypt nor decrypt."""

SECRET_ACCESSOR = "roles/secretmanager.secretAccessor"  # noqa: S105 - a role's name
"""Read the values of one secret: `secretmanager.versions.access`, and nothing else of Secret Manager."""
SECRET_VIEWER = "roles/secretmanager.viewer"  # noqa: S105 - a role's name
"""See that one secret is there; no value."""
SECRET_VERSION_ADDER = "roles/secretmanager.secretVersionAdder"  # noqa: S105 - a role's name
"""Put values into one secret: `secretmanager.versions.add`; it cannot read them back."""
SECRET_VERSION_MANAGER = "roles/secretmanager.secretVersionManager"  # noqa: S105 - a role's name
"""Add, see, disable and destroy versions of one secret; it cannot read them."""

WORKLOAD_IDENTITY_USER = "roles/iam.workloadIdentityUser"
"""Act as one service account."""

ARTIFACT_READER = "roles/artifactregistry.reader"
"""Pull from one repository."""
ARTIFACT_WRITER = "roles/artifactregistry.writer"
"""Push to one repository and pull from it; it cannot delete."""

CLUSTER_VIEWER = "roles/container.clusterViewer"
"""Be let in by the API of a project's clusters, to do there what RBAC says; it sees no object in them. Only a project
can grant it (GKE, "Authorize actions in clusters using role-based access control")."""

NODE = "roles/container.defaultNodeServiceAccount"
"""What a GKE node needs: write logs and metrics. It opens no secret and no key, and only a project can grant it."""
