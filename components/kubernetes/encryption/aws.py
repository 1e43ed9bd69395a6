"""The KMS plugin on AWS KMS: kubernetes-sigs/aws-encryption-provider."""

from collections.abc import Mapping

from .configuration import SOCKET
from .static_pod import PluginPod


def aws_kms_plugin(
    *,
    image: str,
    key_id: str,
    region: str,
    encryption_context: Mapping[str, str],
    name: str = "aws-encryption-provider",
    socket: str = SOCKET,
    port: int = 8083,
) -> str:
    """The static pod of aws-encryption-provider, as YAML. It has the role of the node's instance profile.

    image: the plugin's image.
    key_id: the key's ARN, not an alias: it is written beside every value.
    region: the key's region.
    encryption_context: what every call to the key must repeat.
    name: the pod's name; default aws-encryption-provider.
    socket: where the plugin listens; default /var/run/kmsplugin/socket.sock.
    port: where it tells its health; default 8083.

    Source: kubernetes-sigs/aws-encryption-provider, README (flags; `--health-kms-version` is v1 by default).
    """
    context = ",".join(f"{key}={value}" for key, value in sorted(encryption_context.items()))
    return PluginPod(
        name=name,
        image=image,
        command="/aws-encryption-provider",
        args=[
            f"--key={key_id}",
            f"--region={region}",
            f"--listen={socket}",
            f"--encryption-context={context}",
            f"--health-port=:{port}",
            "--health-kms-version=v2",
        ],
        socket=socket,
        health_port=port,
        health_path="/healthz",
    ).manifest()
