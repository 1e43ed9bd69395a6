"""A plain HTTP client for a Kubernetes API server, with the kubeconfig's address, trust and credentials; and what its
answers say."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bootstrap.waiting import wait_until

if TYPE_CHECKING:
    import httpx2


def is_path(kubeconfig: str) -> bool:
    """Whether it is a file's path and not a kubeconfig's text."""
    return "\n" not in kubeconfig and not kubeconfig.lstrip().startswith("{")


def connect(kubeconfig: str) -> "httpx2.Client":
    """The client for a kubeconfig (its path, or its text); close it or use it in `with`."""
    import yaml
    from lightkube import KubeConfig
    from lightkube.config.client_adapter import Client, ConnectionParams

    found = (
        KubeConfig.from_file(kubeconfig) if is_path(kubeconfig) else KubeConfig.from_dict(yaml.safe_load(kubeconfig))
    )
    config = found.get()
    if config is None:
        raise ValueError("the kubeconfig has no current context")
    return Client(config, ConnectionParams(trust_env=False))  # no proxy stands before loopback


def wait_until_gone(http: "httpx2.Client", path: str, seconds: float = 60) -> None:
    """Wait until an object is not there any more. Raises TimeoutError."""
    wait_until(lambda: http.get(path).status_code == HTTPStatus.NOT_FOUND, seconds)


def not_rolled_out(deployment: Mapping[str, Any]) -> str | None:
    """Whether every pod of a Deployment is of its newest template and available (Kubernetes, "Deployments")."""
    metadata, status = deployment["metadata"], deployment.get("status", {})
    wanted = deployment["spec"].get("replicas", 1)
    counts = [status.get(name, 0) for name in ("updatedReplicas", "replicas", "availableReplicas")]
    if status.get("observedGeneration", 0) < metadata["generation"] or counts != [wanted] * 3:
        return (
            f"Deployment {metadata['namespace']}/{metadata['name']}: {counts[0]} of {wanted} pods are new,"
            f" {counts[2]} available, {counts[1]} in all"
        )
    return None
