"""What a self-managed control plane must be given before its first start, with a key in Vault."""

import pulumi

from components import KeyRef, VaultNames, VaultNodeEncryption, VaultNodeEncryptionArgs

MACHINE_CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"  # of your own authority

nodes = VaultNodeEncryption(
    "encryption",
    VaultNodeEncryptionArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        etcd_key=KeyRef(id="platform/prod/transit/keys/etcd"),
        machine_ca=MACHINE_CA,
        node_names=["prod-1.example.com"],
        plugin_image="registry.example.com/vault-kubernetes-kms:v1.4.0",
        cert_mount="machines",
    ),
)
pulumi.export("encryptionConfiguration", nodes.encryption.encryption_configuration)
pulumi.export("staticPod", nodes.encryption.kms_plugin)
