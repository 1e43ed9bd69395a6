"""What commands and control planes ask of a stack's cloud, whichever it is. A cloud adds nothing to those who ask."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast, runtime_checkable

from bootstrap.toolchain.tools import Module

_CLASSES = {"aws": "LocalAws", "vault": "LocalVault"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A control plane as the cloud gets to know it, before its node starts.

    region, node_role_arn: of AWS. issuer_url, authority: whose tokens it issues, and the authority (PEM) of its TLS.
    host_path: where a path of the node's own disk lies on this machine.
    """

    name: str
    region: str | None
    node_name: str
    node_role_arn: str | None
    issuer_url: str
    authority: str
    host_path: Callable[[str], Path]


class LocalCloud(Protocol):
    """One cloud or secret manager on loopback: all its state is in `directory`.

    kind: its folder in `bootstrap.localcloud`, and below the stack's. title: what people are told. modules: the
    programs that it needs beside those of every stack.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    modules: ClassVar[Sequence[Module]]

    @property
    def directory(self) -> Path: ...

    @property
    def port(self) -> int: ...

    def start(self) -> bool:
        """Leave it running and healthy. Returns whether it had to be started."""
        ...

    def health(self) -> bool:
        """Whether the cloud of this very folder answers and can be used."""
        ...

    def deployer_environment(self) -> dict[str, str]:
        """The variables with which its clients are the deployer. Raises BootstrapError if it was never started."""
        ...

    def deployer_profile(self) -> dict[str, str]:
        """The same for a process that starts others: what is secret is in files, and no variable holds it."""
        ...

    def own_secrets(self) -> list[str]:
        """Values of the harness that must be found nowhere."""
        ...

    def register(self, cluster: Cluster) -> None:
        """Make a cluster known, and its node able to prove who it is. Once more is no harm."""
        ...

    def deregister(self, name: str) -> None:
        """Forget a cluster; one that is not known is forgotten already."""
        ...

    def node_environment(self, cluster: str) -> dict[str, str]:
        """What a process on a node's own network finds there: here it has to be told where that is."""
        ...


class PodWebhook(Protocol):
    """Patches new pods."""

    def review(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an admission request."""
        ...


@runtime_checkable
class PatchesPods(Protocol):
    """A cloud that gives pods their identity when they are created, as EKS does."""

    def pod_webhook(
        self, cluster: str, region: str | None, annotations: Callable[[str, str], Mapping[str, str]]
    ) -> PodWebhook:
        """`annotations(namespace, account)` asks the API server."""
        ...


def local_cloud(kind: str, state_dir: Path, port: int) -> LocalCloud:
    """The cloud of a stack. Only its own packages are loaded."""
    module = import_module(f"bootstrap.localcloud.{kind}.client")
    return cast(LocalCloud, getattr(module, _CLASSES[kind])(state_dir / kind, port))
