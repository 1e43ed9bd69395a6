"""Kubernetes objects and Helm releases that a killed run created without recording them."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import connect
from bootstrap.processes import clean_environment

if TYPE_CHECKING:
    import httpx2

    from bootstrap.recovery.leftover import Leftover

_FIELD_MANAGER = "pulumi-kubernetes"
_GONE_SECONDS = 60


def remove(leftover: "Leftover") -> str:
    """Remove the object behind one unrecorded creation and say what was done."""
    if leftover.type == "kubernetes:helm.sh/v3:Release":
        return _uninstall(leftover)
    with connect(leftover.provider_inputs["kubeconfig"]) as api:
        path = _path(api, leftover.inputs)
        if path is None:
            return "was never created"
        found = api.get(path)
        if found.status_code == HTTPStatus.NOT_FOUND:
            return "was never created"
        metadata = found.raise_for_status().json()["metadata"]
        if leftover.is_recorded(_identifier(metadata)):
            return "is recorded"
        managers = [str(one.get("manager", "")) for one in metadata.get("managedFields", [])]
        # Who applies nothing but a name, as for a namespace, owns no field and is not listed; anybody else's is.
        if managers and not any(manager.startswith(_FIELD_MANAGER) for manager in managers):
            raise BootstrapError(
                leftover.urn,
                "an object of that name exists and was not made by Pulumi",
                "rename one of the two, or import it with `pulumi import`",
            )
        api.delete(path).raise_for_status()
        if not _is_gone_soon(api, path):
            raise BootstrapError(
                leftover.urn, f"{path} is still there after {_GONE_SECONDS} s", "see what its finalizers wait for"
            )
    return "removed"


def _identifier(metadata: Mapping[str, Any]) -> str:
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def _path(api: "httpx2.Client", inputs: Mapping[str, Any]) -> str | None:
    """The object's path, or None while its API is not served."""
    version, kind, metadata = inputs["apiVersion"], inputs["kind"], inputs["metadata"]
    base = f"/apis/{version}" if "/" in version else f"/api/{version}"
    served = api.get(base)
    if served.status_code == HTTPStatus.NOT_FOUND:
        return None
    for resource in served.raise_for_status().json()["resources"]:
        if resource["kind"] == kind and "/" not in resource["name"]:
            scope = f"/namespaces/{metadata['namespace']}" if resource["namespaced"] else ""
            return f"{base}{scope}/{resource['name']}/{metadata['name']}"
    return None


@retry(
    retry=retry_if_result(lambda gone: not gone),
    stop=stop_after_delay(_GONE_SECONDS),
    wait=wait_fixed(0.3),
    retry_error_callback=lambda _: False,
)
def _is_gone_soon(api: "httpx2.Client", path: str) -> bool:
    return api.get(path).status_code == HTTPStatus.NOT_FOUND


def _uninstall(leftover: "Leftover") -> str:
    inputs = leftover.inputs
    base = ["--kubeconfig", leftover.provider_inputs["kubeconfig"], "--namespace", inputs["namespace"]]
    values = _helm(leftover, "get", "values", inputs["name"], "--output", "json", *base)
    if values is None:
        return "was never created"
    if json.loads(values) != inputs.get("values"):
        raise BootstrapError(
            leftover.urn,
            f"a Helm release {inputs['name']} exists with other values than this program's",
            "uninstall it, or give one of the two another name",
        )
    _helm(leftover, "uninstall", inputs["name"], "--wait", *base)
    return "uninstalled"


def _helm(leftover: "Leftover", *arguments: str) -> str | None:
    """Helm's answer, or None if there is no such release."""
    with tempfile.TemporaryDirectory(prefix="helm-") as caches:
        # Helm's caches of other clusters at the same address, and the caller's own settings, stay out of it.
        environment = clean_environment(KUBECACHEDIR=caches, HELM_CACHE_HOME=caches)
        command = [leftover.tools / "helm", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout
    if "not found" in done.stderr:
        return None
    raise BootstrapError(leftover.urn, f"helm {arguments[0]} failed: {done.stderr.strip()}", "run `make up` again")
