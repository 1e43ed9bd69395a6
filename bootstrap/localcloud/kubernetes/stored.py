"""Secrets as etcd holds them, read past the API server, and what each says of its encryption."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx2

from bootstrap.localcloud.kubernetes.kms import messages

SECRETS = "/registry/secrets/"
_KMS_V2 = b"k8s:enc:kms:v2:"
_PAGE = 500


def read(http: httpx2.Client, key: str) -> bytes | None:
    """One value, or None."""
    found = _range(http, {"key": _encoded(key.encode())})
    return found[0][1] if found else None


def secrets(http: httpx2.Client) -> Iterator[tuple[str, bytes]]:
    """Every Secret's namespace/name and value, page by page."""
    begin, end = SECRETS.encode(), SECRETS.encode()[:-1] + b"0"  # "0" follows "/"
    while True:
        page = _range(http, {"key": _encoded(begin), "range_end": _encoded(end), "limit": _PAGE})
        for key, value in page:
            yield key.decode().removeprefix(SECRETS), value
        if len(page) < _PAGE:
            return
        begin = page[-1][0] + b"\0"


def encryption_of(value: bytes) -> tuple[str, str]:
    """The provider that encrypted a value and its key's id. What no KMS encrypted is called `identity`."""
    if not value.startswith(_KMS_V2):
        return "identity", ""
    provider, _, encrypted = value.removeprefix(_KMS_V2).partition(b":")
    return provider.decode(), str(messages.EncryptedObject.FromString(encrypted).key_id)


def _range(http: httpx2.Client, request: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    body = http.post("/v3/kv/range", json=request).raise_for_status().json()
    return [(base64.b64decode(one["key"]), base64.b64decode(one["value"])) for one in body.get("kvs", [])]


def _encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()
