"""How a self-managed etcd gets at the environment's transit key: by the certificates of its own nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_vault as vault

from ..arguments import Arguments
from ..contracts import ClusterEncryption, KeyRef
from ..forms import DNS_LABEL, DNS_SUBDOMAIN, IMAGE
from ..kubernetes.encryption.configuration import KmsProvider, encryption_configuration
from ..kubernetes.encryption.vault import vault_kms_plugin
from .config import VaultSelfManagedClusterConfig
from .forms import CERTIFICATES, KEY_ID, MOUNT
from .names import VaultNames
from .policies import node_policy, to_json

NODE = "node"
_TOKEN_SECONDS = 3600
_LOGIN_SECONDS = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class VaultNodeEncryptionArgs(Arguments):
    """Arguments of VaultNodeEncryption.

    names: the environment's names.
    etcd_key: the key to encrypt with, as `<mount>/keys/<name>`.
    machine_ca: the authority of your machines' certificates, PEM; it was there before the cluster.
    node_names: the common names of this cluster's control-plane nodes in their certificates, each in full.
    plugin_image: the image of vault-kubernetes-kms, v1.4 or later, with a tag or digest.
    cert_mount: the path of Vault's TLS certificate auth method, which is there already; default cert.
    provider_name: the KMS provider's name, written into every value, so it cannot change once used; default
        vault-kms-1.
    """

    names: VaultNames
    etcd_key: KeyRef
    machine_ca: pulumi.Input[str]
    node_names: Sequence[str]
    plugin_image: str
    cert_mount: str = "cert"
    provider_name: str = "vault-kms-1"

    def __post_init__(self) -> None:
        self.require_form("etcd_key.id", self.etcd_key.id, KEY_ID)
        self.require_form("machine_ca", self.machine_ca, CERTIFICATES)
        self.require(
            len(self.node_names) > 0,
            "node_names",
            "is empty, and Vault would let in every machine of the authority",
            "name each control-plane node",
        )
        for index, node in enumerate(self.node_names):
            # Vault takes a `*` in an allowed name for any text.
            self.require_form(f"node_names.{index}", node, DNS_SUBDOMAIN)
        self.require_form("plugin_image", self.plugin_image, IMAGE)
        self.require_form("cert_mount", self.cert_mount, MOUNT)
        self.require_form("provider_name", self.provider_name, DNS_LABEL)


class VaultNodeEncryption(pulumi.ComponentResource):
    """Encryption at rest for a self-managed control plane, with a key that never leaves Vault.

    A static pod has no service account, since it starts before the API server. So the plugin logs in as the node.

    Creates:
    - the policy `<prefix>-<environment>-node`: encrypt and decrypt with this one key, and see its versions;
    - the role of that name in the certificate auth method, for the named nodes of the machines' authority only.

    Outputs:
    - `encryption`: the EncryptionConfiguration and the plugin's static pod (ClusterEncryption).
    - `gates`: the policy and the role.

    Raises ConfigError for a key, certificate, node's name, image or mount of the wrong form, and for no nodes.
    Sources: Vault, "TLS certificates auth method (API)" (`allowed_common_names`); FalcoSuessgott/vault-kubernetes-kms
    v1.4.0, `docs/configuration.md`, and its issue #81 (no service account).
    """

    encryption: ClusterEncryption
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultNodeEncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultNodeEncryption", name, None, opts)
        names, children = args.names, pulumi.ResourceOptions(parent=self)
        key_id = pulumi.Output.from_input(args.etcd_key.id)
        policy = vault.Policy(
            f"{name}-policy",
            name=names.full_name(NODE),
            policy=key_id.apply(lambda key: to_json(node_policy(key))),
            opts=children,
        )
        role = vault.CertAuthBackendRole(
            f"{name}-role",
            backend=args.cert_mount,
            name=names.full_name(NODE),
            certificate=args.machine_ca,
            allowed_common_names=args.node_names,
            token_policies=[policy.name],
            token_no_default_policy=True,
            token_ttl=_TOKEN_SECONDS,
            token_max_ttl=_LOGIN_SECONDS,
            opts=children,
        )
        self.gates = [policy, role]
        self.encryption = node_encryption(args, self.gates)
        self.register_outputs({"nodeRole": f"{args.cert_mount}/certs/{names.full_name(NODE)}"})


def node_encryption(args: VaultNodeEncryptionArgs, gates: Sequence[pulumi.Resource] = ()) -> ClusterEncryption:
    """What the creation of a self-managed control plane has to be given, once its nodes can log in.

    args: the key, the plugin and its name.
    gates: what must exist before the cluster; default none.
    """
    return ClusterEncryption(
        key=args.etcd_key,
        encryption_configuration=encryption_configuration(KmsProvider(name=args.provider_name)),
        kms_plugin=pulumi.Output.from_input(args.etcd_key.id).apply(lambda key: _plugin(args, key)),
        gates=gates,
    )


def node_encryption_args(
    names: VaultNames, cluster: VaultSelfManagedClusterConfig, etcd_key: KeyRef
) -> VaultNodeEncryptionArgs:
    """The arguments for a cluster of the configuration."""
    return VaultNodeEncryptionArgs(
        names=names,
        etcd_key=etcd_key,
        machine_ca=cluster.machine_ca_certificate,
        node_names=cluster.node_names,
        plugin_image=cluster.kms_plugin_image,
        cert_mount=cluster.cert_mount,
        provider_name=cluster.encryption_provider_name,
    )


def _plugin(args: VaultNodeEncryptionArgs, key_id: str) -> str:
    mount, _, key = key_id.rpartition("/keys/")
    return vault_kms_plugin(
        image=args.plugin_image,
        address=args.names.address,
        transit_mount=mount,
        transit_key=key,
        cert_mount=args.cert_mount,
        cert_role=args.names.full_name(NODE),
    )
