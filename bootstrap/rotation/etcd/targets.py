"""Which cluster is rotated: a control plane of this machine, or any other by its kubeconfig."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import connect
from bootstrap.rotation.etcd import configuration
from bootstrap.rotation.etcd.api_servers import digest
from bootstrap.rotation.etcd.evidence import EtcdEvidence, RevisionEvidence
from bootstrap.rotation.etcd.rotation import Rotation

if TYPE_CHECKING:
    from bootstrap.localcloud.kubernetes.control_plane import ControlPlane


def of_control_plane(plane: "ControlPlane", console: Console) -> Rotation:
    """A control plane of the local cloud: its etcd is read, and its API server takes up what is written."""
    return Rotation(
        http=connect(str(plane.kubeconfig)),
        evidence=EtcdEvidence(plane.stored_secrets),
        files=LocalFiles(plane),
        console=console,
    )


def of_kubeconfig(kubeconfig: Path, copy: Path | None, console: Console) -> Rotation:
    """Any other cluster. `copy` is your copy of the EncryptionConfiguration that its control-plane nodes have."""
    if copy is not None and not copy.is_file():
        raise BootstrapError(str(copy), "there is no such file", "name one that is there")
    http = connect(str(kubeconfig))
    return Rotation(
        http=http,
        evidence=RevisionEvidence(http),
        files=None if copy is None else CopiedFile(copy, console),
        console=console,
    )


@dataclass(frozen=True)
class LocalFiles:
    """The configuration of a control plane of this machine."""

    plane: "ControlPlane"

    def configuration(self) -> str:
        text = self.plane.encryption_configuration
        if text is None:
            raise BootstrapError(f"cluster {self.plane.name}", "its etcd is not encrypted", "encrypt it first")
        return text

    def configure(self, text: str) -> str:
        return digest(self.plane.reconfigure(text, self.plane.kms_plugin))

    def run_plugin(self, manifest: str) -> None:
        """Run one more plugin beside those that run; one that runs already is left alone."""
        running = self.plane.kms_plugin or ""
        if manifest not in running:
            self.plane.reconfigure(self.configuration(), f"{running}---\n{manifest}")

    def end_unused_plugins(self) -> None:
        """Run only the plugins whose sockets the configuration still names."""
        sockets = configuration.sockets(self.configuration())
        pods = [pod for pod in (self.plane.kms_plugin or "").split("---\n") if any(one in pod for one in sockets)]
        self.plane.reconfigure(self.configuration(), "---\n".join(pods))


@dataclass(frozen=True)
class CopiedFile:
    """A copy of the configuration, which you bring to each control-plane node by your own means."""

    path: Path
    console: Console

    def configuration(self) -> str:
        return self.path.read_text()

    def configure(self, text: str) -> str:
        self.path.write_text(text)
        self.console.print(f"put {self.path} on every control-plane node now, byte for byte")
        return digest(text)
