"""A plain HTTP client for a Kubernetes API server, with the kubeconfig's address, trust and credentials; and what its
answers say."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap.errors import BootstrapError
from bootstrap.waiting import wait_until

if TYPE_CHECKING:
    import httpx2


def is_path(kubeconfig: str) -> bool:
    """Whether it is a file's path and not a kubeconfig's text."""
    return "\n" not in kubeconfig and not kubeconfig.lstrip().startswith("{")


def connect(kubeconfig: str) -> "httpx2.Client":
    """The client for a kubeconfig (its path, or its text); close it or use it in `with`.

    Raises BootstrapError for a kubeconfig that cannot be used. It quotes nothing of it: credentials are in there.
    """
    import yaml
    from lightkube import KubeConfig
    from lightkube.config.client_adapter import Client, ConnectionParams
    from lightkube.core.exceptions import ConfigError

    what = f"the kubeconfig {kubeconfig}" if is_path(kubeconfig) else "the kubeconfig"
    if is_path(kubeconfig) and not Path(kubeconfig).expanduser().is_file():
        raise BootstrapError(what, "there is no such file", "name one that is there")
    # Its structure is not checked before it is used, so each of these can be what a wrong one ends with.
    wrong = (ConfigError, yaml.YAMLError, OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError)
    try:
        found = (
            KubeConfig.from_file(kubeconfig)
            if is_path(kubeconfig)
            else KubeConfig.from_dict(yaml.safe_load(kubeconfig))
        )
        config = found.get()
        if config is not None:
            login = config.user.exec if config.user else None
            if login is not None and shutil.which(login.command) is None:
                mend = "install it, or put its folder on your PATH"
                raise BootstrapError(what, f"it logs in by the program {login.command}, which is not there", mend)
            return Client(config, ConnectionParams(trust_env=False))  # no proxy stands before loopback
    except wrong as error:
        reason = f"it cannot be used ({type(error).__name__})"
        raise BootstrapError(what, reason, "see that `kubectl` can use it: `kubectl cluster-info`") from None
    raise BootstrapError(what, "it has no current context", "choose one with `kubectl config use-context`")


@contextmanager
def answering(http: "httpx2.Client") -> Iterator["httpx2.Client"]:
    """The client for as long as a command needs it. Raises BootstrapError if its API server does not answer, or answers
    with an error that nobody expected; of an answer the code alone is said."""
    import httpx2
    from lightkube.core.exceptions import ConfigError

    server = f"the API server {http.base_url.netloc.decode()}"
    try:
        with http:
            yield http
    except httpx2.HTTPStatusError as error:
        reason = f"it answers {error.response.status_code} to {error.request.method} {error.request.url.path}"
        raise BootstrapError(server, reason, "be somebody who may do that, and see that the cluster is well") from None
    except httpx2.TransportError as error:
        reason = f"it does not answer ({type(error).__name__}: {error})"
        raise BootstrapError(server, reason, "see that it runs and that the kubeconfig is of this cluster") from None
    except ConfigError:
        reason = "the kubeconfig's program or token file gives no credential"
        raise BootstrapError(server, reason, "see that `kubectl` can log in with it") from None


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
