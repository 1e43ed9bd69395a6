"""The command `rotate-etcd`: which cluster, which step, and what each step needs to be told."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import answering
from bootstrap.rotation.etcd.rotation import Rotation
from bootstrap.rotation.etcd.targets import LocalFiles, of_control_plane, of_kubeconfig

if TYPE_CHECKING:
    from bootstrap.localcloud.kubernetes.control_plane import ControlPlane


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was typed."""

    step: str
    stack: str
    cluster: str | None
    kubeconfig: Path | None
    configuration: Path | None
    provider: str | None
    endpoint: str | None
    plugin: Path | None


def run(request: Request, console: Console) -> None:
    """One step. A step that was killed is run again."""
    rotation = _rotation(request, console)
    with answering(rotation.http):
        _step(request, rotation, console)


def _step(request: Request, rotation: Rotation, console: Console) -> None:
    local = rotation.files if isinstance(rotation.files, LocalFiles) else None
    if request.step == "check":
        rotation.check()
    elif request.step == "rewrite":
        console.print(f"{rotation.rewrite()} Secrets were written anew")
    elif request.step == "add":
        provider, endpoint = _needed(request, "provider"), _needed(request, "endpoint")
        if local is not None:
            rotation.check()
            local.run_plugin(_text(Path(_needed(request, "plugin"))))
        rotation.add(provider, endpoint)
    elif request.step == "promote":
        rotation.promote(_needed(request, "provider"))
    else:
        rotation.remove(_needed(request, "provider"))
        if local is not None:
            local.end_unused_plugins()


def _rotation(request: Request, console: Console) -> Rotation:
    if request.kubeconfig is not None:
        return of_kubeconfig(request.kubeconfig, request.configuration, console)
    if request.configuration is not None:
        raise BootstrapError("--configuration", "a local cluster has its own", "remove it, or give --kubeconfig")
    return of_control_plane(_plane(request, console), console)


def _plane(request: Request, console: Console) -> "ControlPlane":
    from bootstrap.lifecycle import open_stack

    planes = {plane.name: plane for plane in open_stack(request.stack, console).control_planes()}
    if request.cluster not in planes:
        known = ", ".join(sorted(planes)) or "none; run `make up`"
        raise BootstrapError("--cluster", f"it names no cluster of stack {request.stack}", f"choose one of: {known}")
    return planes[request.cluster]


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        raise BootstrapError(str(file), error.strerror or "it cannot be read", "name the plugin's manifest") from None


def _needed(request: Request, option: str) -> str:
    value = getattr(request, option)
    if value is None:
        raise BootstrapError(f"--{option}", f"the step {request.step} needs it", "give it")
    return str(value)
