"""What the static pods of all KMS plugins share: they start before the API server and have the node's identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml


@dataclass(frozen=True, kw_only=True)
class PluginPod:
    """The static pod of a KMS plugin. It runs on the node's network, with no service account: there is no API yet.

    name: of the pod and of its container.
    image: the plugin's image.
    command: its program.
    args: its flags.
    socket: where it listens.
    health_port: where it tells its health.
    health_path: the path there.
    folders: folders of the node that it reads, each at the same path inside; default none.
    """

    name: str
    image: str
    command: str
    args: Sequence[str]
    socket: str
    health_port: int
    health_path: str
    folders: Mapping[str, str] = field(default_factory=dict[str, str])

    def manifest(self) -> str:
        """The pod, as YAML."""
        socket_folder = self.socket.rsplit("/", 1)[0]
        read = [{"mountPath": path, "name": name, "readOnly": True} for name, path in self.folders.items()]
        container = {
            "name": self.name,
            "image": self.image,
            "command": [self.command],
            "args": list(self.args),
            "ports": [{"containerPort": self.health_port, "protocol": "TCP"}],
            # Not every plugin listens on the node's address.
            "livenessProbe": {
                "httpGet": {
                    "scheme": "HTTP",
                    "host": "127.0.0.1",
                    "port": self.health_port,
                    "path": self.health_path,
                },
                "initialDelaySeconds": 10,
            },
            # The socket's folder is root's, and some images have another user.
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
                "runAsUser": 0,
            },
            "volumeMounts": [{"mountPath": socket_folder, "name": "socket"}, *read],
        }
        hosts = [{"name": name, "hostPath": {"path": path, "type": "Directory"}} for name, path in self.folders.items()]
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": self.name, "namespace": "kube-system"},
                "spec": {
                    "hostNetwork": True,
                    "priorityClassName": "system-node-critical",
                    "containers": [container],
                    "volumes": [
                        {"name": "socket", "hostPath": {"path": socket_folder, "type": "DirectoryOrCreate"}},
                        *hosts,
                    ],
                },
            },
            sort_keys=False,
        )
