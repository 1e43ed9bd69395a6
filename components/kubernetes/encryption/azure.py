"""The KMS plugin on Key Vault: Azure/kubernetes-kms."""

from .configuration import SOCKET
from .static_pod import PluginPod

CLOUD_CONFIG_FOLDER = "/etc/kubernetes"


def azure_kms_plugin(
    *,
    image: str,
    vault_name: str,
    key_name: str,
    key_version: str,
    cloud_config_folder: str = CLOUD_CONFIG_FOLDER,
    name: str = "azure-kms-provider",
    socket: str = SOCKET,
    port: int = 8787,
    metrics_port: int = 8095,
) -> str:
    """The static pod of kubernetes-kms, as YAML. It has the managed identity that the node's `azure.json` names.

    image: the plugin's image.
    vault_name: the Key Vault's name.
    key_name: the key's name there.
    key_version: the key's version: the plugin knows one, so a new version is a new provider with a plugin of its own.
    cloud_config_folder: where the node has `azure.json`; default /etc/kubernetes.
    name: the pod's name; default azure-kms-provider.
    socket: where the plugin listens; default /var/run/kmsplugin/socket.sock.
    port: where it tells its health; default 8787.
    metrics_port: where it gives its metrics; default 8095. Two on a node need one each.

    `azure.json` holds `useManagedIdentityExtension: true` and the identity's client id, and no client secret.
    Source: Azure/kubernetes-kms, `cmd/server/main.go`, `docs/manual-install.md`, `docs/rotation.md`.
    """
    return PluginPod(
        name=name,
        image=image,
        command="/kubernetes-kms",
        args=[
            f"--listen-addr=unix://{socket}",
            f"--keyvault-name={vault_name}",
            f"--key-name={key_name}",
            f"--key-version={key_version}",
            f"--config-file-path={cloud_config_folder}/azure.json",
            f"--healthz-port={port}",
            "--healthz-path=/healthz",
            f"--metrics-addr={metrics_port}",
        ],
        socket=socket,
        health_port=port,
        health_path="/healthz",
        folders={"cloud-config": cloud_config_folder},
    ).manifest()
