"""What a container's process is given: its command line and its environment, and nothing of the caller's."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bootstrap.localcloud.kubernetes import kubeconfigs
from bootstrap.localcloud.kubernetes.layout import Layout
from bootstrap.localcloud.kubernetes.node.api import Pod
from bootstrap.localcloud.kubernetes.node.container import Command
from bootstrap.localcloud.kubernetes.node.images import resolve
from bootstrap.localcloud.kubernetes.node.volumes import API_TOKEN_FOLDER, VolumeError, Volumes, move_paths, pod_field
from bootstrap.paths import private_dir

_REFERENCE = re.compile(r"\$\((\w+)\)")


def command_of(
    pod: Pod,
    container: Mapping[str, Any],
    *,
    folder: Path,
    layout: Layout,
    tools: Path,
    volumes: Volumes,
    local_port: Callable[[int], int],
    host_network: Mapping[str, str],
    secret_value: Callable[[str, str, str], str] | None,
) -> Command:
    """`host_network` is what a process finds on a real node's own network: here it has to be told where that is.

    `secret_value(namespace, name, key)` asks the API server; None for static pods.
    """
    program = resolve(container["image"], tools)
    mounts = volumes.mounts(container)
    declared = _declared_environment(pod, container, mounts, secret_value)
    arguments = program.arguments(
        [_expand(item, declared) for item in container.get("command", [])],
        [move_paths(_expand(item, declared), mounts) for item in container.get("args", [])],
        local_port,
    )
    environment = {
        "PATH": os.defpath,
        "HOME": str(private_dir(folder / "home")),
        "TMPDIR": str(private_dir(folder / "tmp")),
        "HOSTNAME": pod["metadata"]["name"],
        **program.environment,
        **(host_network if pod["spec"].get("hostNetwork") else {}),
        **_api_access(pod, container, folder, layout, volumes, in_cluster=program.in_cluster),
        **declared,
    }
    return Command(arguments=arguments, environment=environment)


def _declared_environment(
    pod: Pod,
    container: Mapping[str, Any],
    mounts: Mapping[str, Path],
    secret_value: Callable[[str, str, str], str] | None,
) -> dict[str, str]:
    if container.get("envFrom"):
        raise VolumeError("envFrom is not known on nodes of the local cloud")
    declared: dict[str, str] = {}
    for variable in container.get("env", []):
        origin = variable.get("valueFrom")
        if origin is None:
            declared[variable["name"]] = move_paths(_expand(variable.get("value", ""), declared), mounts)
        elif "fieldRef" in origin:
            declared[variable["name"]] = pod_field(pod, origin["fieldRef"]["fieldPath"])
        elif "secretKeyRef" in origin and secret_value is not None:
            reference = origin["secretKeyRef"]
            value = secret_value(pod["metadata"]["namespace"], reference["name"], reference["key"])
            declared[variable["name"]] = value
        else:
            raise VolumeError(f"variable {variable['name']}: nodes of the local cloud know fieldRef and secretKeyRef")
    return declared


def _expand(text: str, variables: Mapping[str, str]) -> str:
    """`$(NAME)` as Kubernetes expands it: an unknown name stays as it is."""
    return _REFERENCE.sub(lambda match: variables.get(match[1], match[0]), text)


def _api_access(
    pod: Pod, container: Mapping[str, Any], folder: Path, layout: Layout, volumes: Volumes, *, in_cluster: bool
) -> dict[str, str]:
    """A kubeconfig with the pod's own token. Clients look for the token at a fixed path, which only a container has.

    A program that takes no kubeconfig looks below the folder that it is started in (`toolchain/sealed_secrets.py`).
    """
    token_folder = volumes.api_token(container)
    if token_folder is None:
        return {}
    if in_cluster:
        fixed = folder / "home" / API_TOKEN_FOLDER.relative_to("/var")
        fixed.parent.mkdir(parents=True, exist_ok=True)
        fixed.unlink(missing_ok=True)
        fixed.symlink_to(token_folder)
        endpoint = urlsplit(layout.endpoint)
        return {"KUBERNETES_SERVICE_HOST": str(endpoint.hostname), "KUBERNETES_SERVICE_PORT": str(endpoint.port)}
    account = f"system:serviceaccount:{pod['metadata']['namespace']}:{pod['spec'].get('serviceAccountName', 'default')}"
    path = kubeconfigs.write_with_token(
        folder / "kubeconfig",
        server=layout.endpoint,
        authority=token_folder / "ca.crt",
        user=account,
        token=token_folder / "token",
    )
    return {"KUBECONFIG": str(path)}
