"""A plain HTTP client for a Kubernetes API server, with the kubeconfig's address, trust and credentials."""

from typing import TYPE_CHECKING

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
