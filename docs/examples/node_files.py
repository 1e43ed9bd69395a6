"""What a control-plane node is given before Kubernetes starts on it."""

import pulumi

from components import KeyRef, VaultNames, VaultNodeEncryption, VaultNodeEncryptionArgs, node_files

MACHINE_CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"  # of your own authority

nodes = VaultNodeEncryption(
    "encryption",
    VaultNodeEncryptionArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        etcd_key=KeyRef(id="platform/prod/transit/keys/etcd"),
        machine_ca=MACHINE_CA,
        node_names=["prod-1.example.com", "prod-2.example.com", "prod-3.example.com"],
        plugin_image="registry.example.com/vault-kubernetes-kms:v1.4.0",
    ),
)
configuration = nodes.encryption.encryption_configuration
assert configuration is not None
files = pulumi.Output.from_input(nodes.encryption.kms_plugin).apply(
    lambda plugin: node_files("rke2", encryption_configuration=configuration, kms_plugin=plugin or "")
)
pulumi.export("nodeFiles", files)
