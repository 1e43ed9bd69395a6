"""A plain HTTP client for a Kubernetes API server, with the kubeconfig's address, trust and credentials."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2


def connect(kubeconfig: str) -> "httpx2.Client":
    """The client; close it or use it in `with`."""
    from lightkube import KubeConfig
    from lightkube.config.client_adapter import Client, ConnectionParams

    config = KubeConfig.from_file(kubeconfig).get()
    if config is None:
        raise ValueError(f"{kubeconfig} has no current context")
    return Client(config, ConnectionParams(trust_env=False))  # no proxy stands before loopback
