"""Objects that every local cluster starts with. Owns who may read what before anything is installed."""

import base64
from typing import Any

import httpx2

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.kubernetes.layout import WEBHOOK_USER, Layout
from bootstrap.localcloud.kubernetes.pki import Pki

_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"


# Anonymous requests reach the issuer's two public documents and the health endpoints, and nothing else: a cloud has to
# read the issuer without being a user of the cluster.
AUTHENTICATION_CONFIGURATION = """\
apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthenticationConfiguration
anonymous:
  enabled: true
  conditions:
    - path: /.well-known/openid-configuration
    - path: /openid/v1/jwks
    - path: /healthz
    - path: /livez
    - path: /readyz
"""
# What service accounts ask, and not what is answered. The control plane's own parts have certificates.
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    userGroups: ["system:serviceaccounts:kube-system"]
  - level: Metadata
    userGroups: ["system:serviceaccounts"]
"""


def apply(http: httpx2.Client, layout: Layout, pki: Pki, *, pod_webhook: bool) -> None:
    """Create the objects, or put back what was changed. `pod_webhook`: whether new pods pass the cloud's webhook."""
    for collection, item in [*_of_every_cluster(), *(_of_the_webhook(layout, pki) if pod_webhook else ())]:
        answer = http.patch(
            f"{collection}/{item['metadata']['name']}",
            params={"fieldManager": "local-control-plane", "force": "true"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            json=item,
        )
        if answer.is_error:
            raise BootstrapError(
                f"cluster {layout.name}: {item['kind']} {item['metadata']['name']}",
                f"the API server refused it: {answer.json().get('message', answer.status_code)}",
                f"read {layout.directory / 'kube-apiserver.log'}",
            )


def _of_every_cluster() -> list[tuple[str, dict[str, Any]]]:
    return _binding("public-issuer", "system:service-account-issuer-discovery", "Group", "system:unauthenticated")


def _of_the_webhook(layout: Layout, pki: Pki) -> list[tuple[str, dict[str, Any]]]:
    return [
        _role(WEBHOOK_USER, [{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["get"]}]),
        *_binding(WEBHOOK_USER, WEBHOOK_USER, "User", WEBHOOK_USER),
        _pod_identity_webhook(layout, pki),
    ]


def _role(name: str, rules: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    item = {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}
    return f"/apis/{_RBAC}/v1/clusterroles", item


def _binding(name: str, role: str, kind: str, subject: str) -> list[tuple[str, dict[str, Any]]]:
    item = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": _RBAC, "kind": kind, "name": subject}],
    }
    return [(f"/apis/{_RBAC}/v1/clusterrolebindings", item)]


def _pod_identity_webhook(layout: Layout, pki: Pki) -> tuple[str, dict[str, Any]]:
    """Every new pod passes the webhook.

    EKS lets a pod through when its webhook fails, and the pod then has no credentials (pod-identity-webhook #264).
    Here the creation fails instead, and the ReplicaSet's controller tries again.
    """
    webhook = {
        "name": "pod-identity-webhook.amazonaws.com",
        "clientConfig": {
            "url": f"https://127.0.0.1:{layout.webhook_port}/mutate",
            "caBundle": base64.b64encode(pki.authority.read_bytes()).decode(),
        },
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 5,
    }
    item = {
        "apiVersion": f"{_ADMISSION}/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "pod-identity-webhook"},
        "webhooks": [webhook],
    }
    return f"/apis/{_ADMISSION}/v1/mutatingwebhookconfigurations", item
