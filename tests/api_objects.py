"""Objects of published charts and manifests in an API server, for as long as a test needs them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.local_stack import eventually

_COLLECTIONS = {
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "CSIDriver": "/apis/storage.k8s.io/v1/csidrivers",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "ServiceAccount": "/api/v1/namespaces/{namespace}/serviceaccounts",
}


@contextmanager
def applied(kubernetes: httpx2.Client, objects: Sequence[dict[str, Any]]) -> Iterator[None]:
    """The objects, definitions among them established, until the block ends."""
    for one in objects:
        kubernetes.patch(
            _path(one),
            params={"fieldManager": "test"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            json=one,
        ).raise_for_status()
    try:
        for one in objects:
            if one["kind"] == "CustomResourceDefinition":
                _require_established(kubernetes, _path(one))
        yield
    finally:
        for one in reversed(objects):
            kubernetes.delete(_path(one))


@eventually(30)
def _require_established(kubernetes: httpx2.Client, path: str) -> None:
    conditions = kubernetes.get(path).raise_for_status().json().get("status", {}).get("conditions") or []
    assert ("Established", "True") in {(one["type"], one["status"]) for one in conditions}


def _path(one: dict[str, Any]) -> str:
    return f"{_COLLECTIONS[one['kind']].format_map(one['metadata'])}/{one['metadata']['name']}"
