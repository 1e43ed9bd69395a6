"""Kubeconfig files: by client certificate for people and control-plane programs, by token file for pods."""

import base64
from pathlib import Path
from typing import Any

import yaml

from bootstrap.localcloud.certificates import Pair
from bootstrap.paths import write_private


def write_with_certificate(path: Path, *, server: str, authority: Path, user: str, pair: Pair) -> Path:
    """A kubeconfig that holds everything it needs, so that it can be copied elsewhere."""
    credentials = {"client-certificate-data": _encoded(pair.certificate), "client-key-data": _encoded(pair.key)}
    cluster = {"server": server, "certificate-authority-data": _encoded(authority)}
    return _write(path, cluster, user, credentials)


def write_with_token(path: Path, *, server: str, authority: Path, user: str, token: Path) -> Path:
    """A kubeconfig of a pod: it names the token's file, whose content is renewed under it."""
    return _write(path, {"server": server, "certificate-authority": str(authority)}, user, {"tokenFile": str(token)})


def _write(path: Path, cluster: dict[str, Any], user: str, credentials: dict[str, Any]) -> Path:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "local",
        "clusters": [{"name": "local", "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": user}}],
    }
    return write_private(path, yaml.safe_dump(document, sort_keys=False))


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
