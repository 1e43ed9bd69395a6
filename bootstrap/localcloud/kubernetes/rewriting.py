"""Writes every Secret anew, so that etcd holds it under the first provider of the encryption configuration."""

import httpx2

from bootstrap.errors import BootstrapError


def rewrite_secrets(http: httpx2.Client) -> None:
    """Read and write back all Secrets. One that someone else changes meanwhile is written anew by that change."""
    answer = http.get("/api/v1/secrets")
    if answer.is_error:
        raise BootstrapError("the Secrets in etcd", "they cannot be read", "see the API server's log")
    for secret in answer.json()["items"]:
        metadata = secret["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/secrets/{metadata['name']}"
        written = http.put(path, json={"apiVersion": "v1", "kind": "Secret", **secret})
        if written.is_error and written.status_code not in (httpx2.codes.CONFLICT, httpx2.codes.NOT_FOUND):
            raise BootstrapError(
                f"secret {metadata['namespace']}/{metadata['name']}",
                "it cannot be written back",
                "see the API server's log",
            )
