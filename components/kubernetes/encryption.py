"""Encryption at rest of a self-managed control plane: the API server's configuration and its KMS plugin, as text."""

from collections.abc import Mapping

import yaml

SOCKET = "/var/run/kmsplugin/socket.sock"


def encryption_configuration(provider_name: str, *, socket: str = SOCKET) -> str:
    """The EncryptionConfiguration that kube-apiserver starts with, as YAML.

    provider_name: the KMS provider's name, written into every encrypted value.
    socket: where the KMS plugin listens; default /var/run/kmsplugin/socket.sock.

    `identity` comes last: it reads what was written before and never writes. KMS v2 takes no `cachesize`.
    Source: Kubernetes, "Using a KMS provider for data encryption".
    """
    kms = {"apiVersion": "v2", "name": provider_name, "endpoint": f"unix://{socket}", "timeout": "3s"}
    return yaml.safe_dump(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [{"resources": ["secrets"], "providers": [{"kms": kms}, {"identity": {}}]}],
        },
        sort_keys=False,
    )


def kms_plugin_manifest(
    *,
    image: str,
    key_id: str,
    region: str,
    encryption_context: Mapping[str, str],
    socket: str = SOCKET,
    port: int = 8083,
) -> str:
    """The static pod of aws-encryption-provider, as YAML. It starts before the API server, by the node's identity.

    image: the plugin's image.
    key_id: the key's ARN, not an alias: it is written beside every value.
    region: the key's region.
    encryption_context: what every call to the key must repeat.
    socket: where the plugin listens; default /var/run/kmsplugin/socket.sock.
    port: where it tells its health; default 8083.

    Source: kubernetes-sigs/aws-encryption-provider, README (flags; `--health-kms-version` is v1 by default).
    """
    folder = socket.rsplit("/", 1)[0]
    context = ",".join(f"{key}={value}" for key, value in sorted(encryption_context.items()))
    container = {
        "name": "aws-encryption-provider",
        "image": image,
        "command": ["/aws-encryption-provider"],
        "args": [
            f"--key={key_id}",
            f"--region={region}",
            f"--listen={socket}",
            f"--encryption-context={context}",
            f"--health-port=:{port}",
            "--health-kms-version=v2",
        ],
        "ports": [{"containerPort": port, "protocol": "TCP"}],
        "livenessProbe": {"httpGet": {"scheme": "HTTP", "port": port, "path": "/healthz"}, "initialDelaySeconds": 10},
        "volumeMounts": [{"mountPath": folder, "name": "socket"}],
    }
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "aws-encryption-provider", "namespace": "kube-system"},
            "spec": {
                "hostNetwork": True,
                "priorityClassName": "system-node-critical",
                "containers": [container],
                "volumes": [{"name": "socket", "hostPath": {"path": folder, "type": "DirectoryOrCreate"}}],
            },
        },
        sort_keys=False,
    )
