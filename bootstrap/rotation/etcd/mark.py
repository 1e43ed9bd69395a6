"""Since when, in the cluster's own count, the write key is what it is: a Secret in kube-system.

Every write of etcd has a revision, which objects carry as their resourceVersion, comparable as a number within a
resource (Kubernetes, "API Concepts", resource versions; KEP-5504). A Secret with a later one than the mark was written
with the mark's key: the mark was set when every API server had that key.
"""

import base64
import uuid
from dataclasses import dataclass
from typing import Any

import httpx2

from bootstrap.errors import BootstrapError
from bootstrap.rotation.etcd.api_servers import WriteKey, observe

NAMESPACE, NAME = "kube-system", "etcd-encryption-mark"
_COLLECTION = f"/api/v1/namespaces/{NAMESPACE}/secrets"
_FIELDS = ("provider", "keyIdHash", "revision")


@dataclass(frozen=True)
class Mark:
    """Every Secret written after `revision` is under `key`."""

    key: WriteKey
    revision: int


def read(http: httpx2.Client) -> Mark | None:
    """The mark that was set last."""
    answer = http.get(f"{_COLLECTION}/{NAME}")
    data: dict[str, str] = {} if answer.status_code == httpx2.codes.NOT_FOUND else _checked(answer).get("data", {})
    if not all(field in data for field in _FIELDS):
        return None
    provider, key_id_hash, revision = (base64.b64decode(data[field]).decode() for field in _FIELDS)
    return Mark(WriteKey(provider, key_id_hash), int(revision))


def set_mark(http: httpx2.Client, key: WriteKey) -> Mark:
    """Every API server writes with this key from now on."""
    mark = Mark(key, _touch(http))
    _patch(http, {"provider": key.provider, "keyIdHash": key.key_id_hash, "revision": str(mark.revision)})
    return mark


def live_write_key(http: httpx2.Client) -> WriteKey:
    """What the cluster encrypts with now: a Secret is written, and the API server that wrote it tells."""
    _touch(http)
    wrote = [server.wrote_last for server in observe(http) if server.wrote_last is not None]
    if not wrote:
        raise BootstrapError(
            "the write key", "no API server has encrypted a Secret by a KMS", "encrypt Secrets with KMS v2 first"
        )
    return max(wrote, key=lambda one: one[0])[1]


def _touch(http: httpx2.Client) -> int:
    return _patch(http, {"touched": uuid.uuid4().hex})


def _patch(http: httpx2.Client, texts: dict[str, str]) -> int:
    """Write the Secret, and return the revision of that write."""
    encoded = {field: base64.b64encode(text.encode()).decode() for field, text in texts.items()}
    answer = http.patch(
        f"{_COLLECTION}/{NAME}", json={"data": encoded}, headers={"Content-Type": "application/merge-patch+json"}
    )
    if answer.status_code == httpx2.codes.NOT_FOUND:
        answer = http.post(_COLLECTION, json={"metadata": {"name": NAME}, "data": encoded})
    return int(_checked(answer)["metadata"]["resourceVersion"])


def _checked(answer: httpx2.Response) -> dict[str, Any]:
    if answer.is_error:
        raise BootstrapError(
            f"secret {NAMESPACE}/{NAME}",
            f"the API server answered {answer.status_code}",
            "use a kubeconfig of an administrator",
        )
    return answer.json()
