"""Which local program stands in for a container image. Owns the table, and how listeners are moved to loopback."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap.paths import REPOSITORY

_IMAGE = re.compile(r"(?:.*/)?(?P<name>[^/:@]+)(?::[^/@]*)?(?:@.*)?")
_ADDRESS = re.compile(r"(?:(?P<host>.*):)?(?P<port>\d+)")

# Each KMS plugin by its stand-in's module, and where it tells its health unless told otherwise.
_KMS_PLUGINS = {"aws-encryption-provider": ("aws", ":8083"), "vault-kubernetes-kms": ("vault", "8080")}


class ImageError(Exception):
    """The image or the command cannot be run here; the text goes into the pod's status."""


@dataclass(frozen=True, kw_only=True)
class LocalProgram:
    """A program of this machine. `listen_flags` maps each flag with an address to what the program does without it.

    in_cluster: whether it takes its API access from where only pods find it, and no kubeconfig.
    """

    entrypoint: str
    command: Sequence[str]
    listen_flags: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    in_cluster: bool = False

    def arguments(self, command: Sequence[str], args: Sequence[str], local_port: Callable[[int], int]) -> list[str]:
        """The local command line of a container with this `command` and these `args`."""
        if command and Path(command[0]).name != self.entrypoint:
            raise ImageError(f"this image has no program {command[0]}: its only one is {self.entrypoint}")
        return [*self.command, *rewrite_addresses([*command[1:], *args], self.listen_flags, local_port)]


def rewrite_addresses(
    arguments: Sequence[str], listen_flags: Mapping[str, str], local_port: Callable[[int], int]
) -> list[str]:
    """Put every listen address on loopback, on a port of its own, also those that are only defaults of the program.

    Containers have a network each; these processes share one, and must not be reachable from outside.
    """
    rewritten: list[str] = []
    missing = dict(listen_flags)
    waiting: str | None = None
    for argument in arguments:
        name, separator, value = argument.partition("=")
        flag = name.lstrip("-") if name.startswith("-") else ""  # Go's own flags have one hyphen or two
        if waiting is not None:  # `--flag value`
            rewritten[-1] = f"--{waiting}={_on_loopback(argument, local_port)}"
            waiting = None
        elif flag in listen_flags:
            missing.pop(flag, None)
            rewritten.append(f"--{flag}={_on_loopback(value, local_port)}" if separator else argument)
            waiting = None if separator else flag
        else:
            rewritten.append(argument)
    return [*rewritten, *(f"--{flag}={_on_loopback(default, local_port)}" for flag, default in missing.items())]


def _on_loopback(address: str, local_port: Callable[[int], int]) -> str:
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match["port"]) == 0:  # "0" and ":0" switch a listener off
        return address
    port = local_port(int(match["port"]))
    return str(port) if match["host"] is None else f"127.0.0.1:{port}"


def resolve(image: str, tools: Path) -> LocalProgram:
    """The program that stands in for an image, whatever its registry and tag."""
    match = _IMAGE.fullmatch(image)
    name = match["name"] if match else image
    if name == "external-secrets":
        return LocalProgram(
            entrypoint="external-secrets",
            command=[str(tools / "external-secrets")],
            listen_flags={"metrics-addr": ":8080", "live-addr": ":8082"},
        )
    if name == "pause":  # Kubernetes' own image of a program that waits to be ended
        return LocalProgram(entrypoint="pause", command=["/bin/sleep", "infinity"], listen_flags={})
    if name == "sealed-secrets-controller":
        return LocalProgram(
            entrypoint="controller",
            command=[str(tools / name)],
            listen_flags={"listen-addr": ":8080", "listen-metrics-addr": ":8081"},
            in_cluster=True,
        )
    if name in _KMS_PLUGINS:
        module, health_port = _KMS_PLUGINS[name]
        return LocalProgram(
            entrypoint=name,
            command=[sys.executable, "-m", f"bootstrap.localcloud.kubernetes.kms.{module}"],
            listen_flags={"health-port": health_port},
            environment={"PYTHONPATH": str(REPOSITORY)},
        )
    raise ImageError(
        f"no local program stands in for image {image}: nodes of the local cloud run only"
        f" {', '.join(['external-secrets', 'pause', 'sealed-secrets-controller', *_KMS_PLUGINS])}"
    )
