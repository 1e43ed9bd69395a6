"""A value sealed for the controller of a running cluster, and what the controller makes of it."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import wait_until_gone
from bootstrap.sealed.keys import active_keys, certificate_of
from bootstrap.toolchain.install import install
from bootstrap.toolchain.tools import SEALED_SECRETS
from bootstrap.waiting import wait_until

SealedSecret = dict[str, Any]
_API = "/apis/bitnami.com/v1alpha1/namespaces"
_SECONDS = 60


def seal(http: httpx2.Client, home: str, *, namespace: str, name: str, value: str) -> SealedSecret:
    """The value under the key `value`, by `kubeseal` and the newest key of the controller in `home`.

    It opens under this name in this namespace only. In plain text it is in memory and in a pipe.
    """
    keys = active_keys(http, home)
    if not keys:
        raise BootstrapError(f"namespace {home}", "it has no sealing key", "start the controller, or restore one")
    plain = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": namespace, "name": name},
        "stringData": {"value": value},
    }
    program = install(Console(stderr=True), (SEALED_SECRETS,)) / "kubeseal"
    with tempfile.NamedTemporaryFile() as certificate:
        Path(certificate.name).write_bytes(certificate_of(keys[-1]))
        command = [str(program), "--cert", certificate.name, "--scope", "strict"]
        done = subprocess.run(command, input=json.dumps(plain), capture_output=True, text=True, check=False)
    if done.returncode != 0:  # its words could repeat what it was given
        raise BootstrapError("kubeseal", f"it ended with code {done.returncode}", "seal something by hand")
    return json.loads(done.stdout)


@contextmanager
def applied(http: httpx2.Client, sealed: SealedSecret, *, namespace: str, name: str) -> Iterator[None]:
    """A SealedSecret in a cluster, perhaps under another name than it was sealed for; it and its Secret go after."""
    path, secret = f"{_API}/{namespace}/sealedsecrets", f"/api/v1/namespaces/{namespace}/secrets/{name}"
    http.post(path, json={**sealed, "metadata": {"namespace": namespace, "name": name}}).raise_for_status()
    try:
        yield
    finally:
        http.delete(f"{path}/{name}").raise_for_status()
        for gone in (f"{path}/{name}", secret):
            wait_until_gone(http, gone, 2 * _SECONDS)


def refusal(http: httpx2.Client, *, namespace: str, name: str) -> str:
    """Why the controller did not open an applied SealedSecret, in its own words; empty once it did."""
    path = f"{_API}/{namespace}/sealedsecrets/{name}"

    def condition() -> dict[str, Any]:
        found = http.get(path).raise_for_status().json().get("status", {}).get("conditions", [])
        return next((one for one in found if one["type"] == "Synced"), {})

    wait_until(lambda: "status" in condition(), _SECONDS)
    judged = condition()
    return "" if judged["status"] == "True" else str(judged["message"])
