"""Where the files and ports of one control plane are, and who logs in to it. Owns names and numbers, starts nothing."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bootstrap.localcloud.certificates import Client
from bootstrap.paths import PORTS_PER_CLUSTER

_LONGEST_SOCKET_FOLDER = 80  # the kernel takes 107 bytes, and a socket's name stands behind its folder
_POD_PORTS_FROM = 6

ADMIN, CONTROLLER_MANAGER = "admin", "controller-manager"
NODE, SCHEDULER, WEBHOOK = "node", "scheduler", "webhook-client"
WEBHOOK_USER = "eks-pod-identity-webhook"


@dataclass(frozen=True)
class Layout:
    """A control plane's folder and its block of ports."""

    name: str
    directory: Path
    port_base: int

    @property
    def node_name(self) -> str:
        return f"{self.name}-node"

    @property
    def clients(self) -> dict[str, Client]:
        """The users of the API, named as every Kubernetes cluster names them: the built-in roles are bound to them."""
        return {
            ADMIN: Client("kubernetes-admin", ["system:masters"]),
            CONTROLLER_MANAGER: Client("system:kube-controller-manager"),
            NODE: Client(f"system:node:{self.node_name}", ["system:nodes"]),
            SCHEDULER: Client("system:kube-scheduler"),
            WEBHOOK: Client(WEBHOOK_USER),
        }

    @property
    def endpoint(self) -> str:
        return f"https://127.0.0.1:{self.api_port}"

    @property
    def api_port(self) -> int:
        return self.port_base

    @property
    def etcd_port(self) -> int:
        return self.port_base + 1

    @property
    def etcd_peer_port(self) -> int:
        return self.port_base + 2

    @property
    def controller_manager_port(self) -> int:
        return self.port_base + 3

    @property
    def node_port(self) -> int:
        return self.port_base + 4

    @property
    def webhook_port(self) -> int:
        return self.port_base + 5

    @property
    def pod_ports(self) -> range:
        return range(self.port_base + _POD_PORTS_FROM, self.port_base + PORTS_PER_CLUSTER)

    @property
    def pki(self) -> Path:
        return self.directory / "pki"

    @property
    def record(self) -> Path:
        """What the control plane was asked to be; its presence says that the control plane exists."""
        return self.directory / "cluster.json"

    @property
    def encryption_configuration(self) -> Path:
        return self.directory / "encryption-configuration.yaml"

    @property
    def authentication_configuration(self) -> Path:
        return self.directory / "authentication-configuration.yaml"

    @property
    def audit_policy(self) -> Path:
        return self.directory / "audit-policy.yaml"

    @property
    def audit_log(self) -> Path:
        """What workloads ask the API server: who, what, and whether he may; no content."""
        return self.directory / "kube-apiserver-audit.jsonl"

    @property
    def static_pods(self) -> Path:
        return self.directory / "static-pods.yaml"

    @property
    def pods(self) -> Path:
        """One folder for each pod: its volumes, logs and home."""
        return self.directory / "pods"

    def kubeconfig(self, client: str) -> Path:
        return self.directory / ("kubeconfig" if client == ADMIN else f"{client}.kubeconfig")

    def host_path(self, path: str) -> Path:
        """Where a host path of a manifest lies on this machine: under the cluster's own folder, never at the real path.

        Sockets are put there, and their paths are short by law of the kernel: a folder that lies deep gets a short
        stand-in, which `short_folder` names.
        """
        inside = path.strip("/")
        wanted = self.directory / "host" / inside
        if len(str(wanted).encode()) <= _LONGEST_SOCKET_FOLDER:
            return wanted
        return self.short_folder / hashlib.sha256(inside.encode()).hexdigest()[:8]

    @property
    def short_folder(self) -> Path:
        """A folder outside the cluster's, used only when that one lies too deep for sockets."""
        return short_folder(self.directory)


def short_folder(cluster: Path) -> Path:
    """The short stand-in of a cluster's folder, whether that one's record can be read or not."""
    digest = hashlib.sha256(str(cluster).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"sb-{digest}"
