"""Writes Secrets anew, so that etcd holds them under the current write key. Which ones is somebody else's decision."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from bootstrap.errors import BootstrapError

Secret = dict[str, Any]
_PAGE = "500"
_ANNOTATION = "secrets-bootstrap/rewritten-after"


def secrets(http: httpx2.Client) -> Iterator[Secret]:
    """All Secrets, page by page. What is created meanwhile may be missing, and is under the current key anyway."""
    token = ""
    while True:
        answer = http.get("/api/v1/secrets", params={"limit": _PAGE, **({"continue": token} if token else {})})
        if answer.status_code == httpx2.codes.GONE:
            # The list grew too old for etcd. The refusal says how to go on from the same place with a newer one.
            token = answer.json()["metadata"].get("continue", "")
            continue
        if answer.is_error:
            raise BootstrapError("the Secrets in etcd", "they cannot be read", "see the API server's log")
        body = answer.json()
        yield from body["items"]
        token = body["metadata"].get("continue", "")
        if not token:
            return


def rewrite_secrets(
    http: httpx2.Client,
    is_behind: Callable[[Secret], bool] = lambda _secret: True,
    done: Callable[[], None] = lambda: None,
    *,
    insist: bool = False,
) -> None:
    """Read and write back every Secret that is behind. `done` is called after each.

    The API server writes nothing if a Secret is under its write key already, and the revision then proves nothing:
    `insist` makes it write by an annotation. One that somebody else changes or removes meanwhile needs no more: that
    change was written with the current key.
    """
    for secret in secrets(http):
        if is_behind(secret):
            _rewrite(http, secret, insist=insist)
            done()


def _rewrite(http: httpx2.Client, secret: Secret, *, insist: bool) -> None:
    before = secret["metadata"]["resourceVersion"]
    written = _put(http, secret)
    if insist and written is not None and written["metadata"]["resourceVersion"] == before:
        written["metadata"].setdefault("annotations", {})[_ANNOTATION] = before
        _put(http, written)


def _put(http: httpx2.Client, secret: Secret) -> Secret | None:
    namespace, name = secret["metadata"]["namespace"], secret["metadata"]["name"]
    body = {"apiVersion": "v1", "kind": "Secret", **secret}
    answer = http.put(f"/api/v1/namespaces/{namespace}/secrets/{name}", json=body)
    if answer.status_code in (httpx2.codes.CONFLICT, httpx2.codes.NOT_FOUND):
        return None
    if answer.is_error:
        raise BootstrapError(
            f"secret {namespace}/{name}", "it cannot be written back", "see the API server's log, then run this again"
        )
    return answer.json()
