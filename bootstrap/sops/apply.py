"""Encrypted Secrets into a cluster: decrypted into memory, applied on the server's side."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.sops.program import sops

if TYPE_CHECKING:
    import httpx2

FIELD_MANAGER = "secrets-bootstrap-sops"


def apply(http: "httpx2.Client", root: Path, file: Path, console: Console) -> list[str]:
    """Apply every Secret of one checked file; returns what was applied, as `<namespace>/<name>`."""
    documents = yaml.safe_load_all(sops(root, console, "decrypt", str(file.resolve())))
    return [_apply(http, document, file) for document in documents if document is not None]


def _apply(http: "httpx2.Client", secret: Mapping[str, Any], file: Path) -> str:
    metadata = secret.get("metadata") or {}
    namespace, name = metadata.get("namespace"), metadata.get("name")
    if not namespace or not name:
        raise BootstrapError(str(file), "a Secret in it has no name or no namespace", "say both in its metadata")
    answer = http.patch(
        f"/api/v1/namespaces/{namespace}/secrets/{name}",
        params={"fieldManager": FIELD_MANAGER},
        content=json.dumps(secret),
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    if answer.status_code >= 400:
        # Its code and reason only: the text of an answer may quote a value.
        reason = answer.json().get("reason", "") if "json" in answer.headers.get("content-type", "") else ""
        raise BootstrapError(
            f"Secret {namespace}/{name}",
            f"the API server answers {answer.status_code} {reason}".strip(),
            "404: make the namespace first; 409: another manager owns its fields, so let one of the two go",
        )
    return f"{namespace}/{name}"
