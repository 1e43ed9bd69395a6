"""The KMS plugin on Cloud KMS: GoogleCloudPlatform/k8s-cloudkms-plugin."""

from .configuration import SOCKET
from .static_pod import PluginPod


def google_kms_plugin(
    *,
    image: str,
    key_id: str,
    name: str = "k8s-cloudkms-plugin",
    socket: str = SOCKET,
    port: int = 8081,
    metrics_port: int = 8082,
) -> str:
    """The static pod of k8s-cloudkms-plugin, as YAML. It has the service account of the node's virtual machine.

    image: the plugin's image.
    key_id: the crypto key's resource name, `projects/…/cryptoKeys/<name>`; the version is written beside every value.
    name: the pod's name; default k8s-cloudkms-plugin.
    socket: where the plugin listens; default /var/run/kmsplugin/socket.sock.
    port: where it tells its health; default 8081.
    metrics_port: where it gives its metrics; default 8082. Two on a node need one each.

    Source: GoogleCloudPlatform/k8s-cloudkms-plugin, README and `cmd/k8s-cloudkms-plugin/main.go`.
    """
    return PluginPod(
        name=name,
        image=image,
        command="/bin/k8s-cloudkms-plugin",
        args=[
            f"--key-uri={key_id}",
            f"--path-to-unix-socket={socket}",
            "--kms=v2",
            f"--healthz-port={port}",
            "--healthz-path=healthz",
            f"--metrics-port={metrics_port}",
        ],
        socket=socket,
        health_port=port,
        health_path="/healthz",
    ).manifest()
