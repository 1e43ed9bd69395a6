"""The KMS plugin on Vault's transit engine: FalcoSuessgott/vault-kubernetes-kms."""

from .configuration import SOCKET
from .static_pod import PluginPod

IDENTITY_FOLDER = "/etc/vault-node"
"""Where a node has its machine certificate (`machine.crt`, `machine.key`) and Vault's authority (`vault-ca.crt`)."""


def vault_kms_plugin(
    *,
    image: str,
    address: str,
    transit_mount: str,
    transit_key: str,
    cert_mount: str,
    cert_role: str,
    identity_folder: str = IDENTITY_FOLDER,
    name: str = "vault-kubernetes-kms",
    socket: str = SOCKET,
    port: int = 8084,
) -> str:
    """The static pod of vault-kubernetes-kms, as YAML. It logs in with the machine's certificate.

    image: the plugin's image, v1.4 or later: the first with certificates.
    address: Vault's; https://.
    transit_mount: where the transit engine is mounted.
    transit_key: the key's name there.
    cert_mount: where Vault's TLS certificate auth is mounted.
    cert_role: the nodes' role there.
    identity_folder: where the node has `machine.crt`, `machine.key` and `vault-ca.crt`; default /etc/vault-node.
    name: the pod's name; default vault-kubernetes-kms.
    socket: where the plugin listens; default /var/run/kmsplugin/socket.sock.
    port: where it tells its health; default 8084.

    A socket that a crash left would stop its start, hence `-force-socket-overwrite`. KMS v1 is off.
    Source: FalcoSuessgott/vault-kubernetes-kms v1.4.0, `cmd/plugin.go` and `docs/configuration.md`.
    """
    return PluginPod(
        name=name,
        image=image,
        command="/vault-kubernetes-kms",
        args=[
            f"-socket=unix://{socket}",
            "-force-socket-overwrite",
            "-disable-v1",
            f"-vault-address={address}",
            f"-vault-ca-cert={identity_folder}/vault-ca.crt",
            "-auth-method=cert",
            f"-cert-mount={cert_mount}",
            f"-cert-role={cert_role}",
            f"-cert-file={identity_folder}/machine.crt",
            f"-cert-key={identity_folder}/machine.key",
            f"-transit-mount={transit_mount}",
            f"-transit-key={transit_key}",
            f"-health-port={port}",
        ],
        socket=socket,
        health_port=port,
        health_path="/health",
        folders={"identity": identity_folder},
    ).manifest()
