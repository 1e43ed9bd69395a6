"""Phase one of an environment. What it hands to the cluster's creation is in `foundation.encryption`."""

import pulumi
import pulumi_vault as vault

from components import VaultFoundation, VaultFoundationArgs, parse_config

# Shortened here.
MACHINE_CA = """-----BEGIN CERTIFICATE-----
MIIBszCCAVmgAwIBAgIUQ2VydGlmaWNhdGU=
-----END CERTIFICATE-----
"""

config = parse_config(
    {
        "prefix": "platform",
        "environments": {
            "prod": {
                "backend": "vault",
                "address": "https://vault.example.com:8200",
                "cluster": {
                    "kind": "selfManaged",
                    "kmsPluginImage": "registry.example.com/vault-kubernetes-kms:v1.4.0",
                    "machineCaCertificate": MACHINE_CA,
                    "nodeNames": ["prod-1.example.com", "prod-2.example.com"],
                },
                "identity": {"kind": "vaultJwt", "audience": "vault.example.com"},
                "namespaces": ["apps"],
                "secrets": {"database": {"description": "Passwords of the database"}},
                "store": {"conditions": [{"namespaces": ["apps"]}]},
                "argocd": {"repository": {"name": "platform", "url": "git@git.example.com:platform/deploy.git"}},
            }
        },
    }
)
names = config.names("prod")
server = vault.Provider(
    "vault",
    address="https://vault.example.com:8200",
    auth_login_cert=vault.ProviderAuthLoginCertArgs(
        mount="machines", name="deployer", cert_file="/etc/deployer/tls.crt", key_file="/etc/deployer/tls.key"
    ),
    skip_child_token=True,
)

foundation = VaultFoundation(
    "foundation",
    VaultFoundationArgs(names=names, environment=config.environments["prod"]),
    pulumi.ResourceOptions(providers=[server]),
)
pulumi.export("etcdKeyId", foundation.encryption.key.id)
pulumi.export("deployPublicKey", foundation.deploy_public_key)
