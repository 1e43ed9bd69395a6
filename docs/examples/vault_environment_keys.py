"""Two new keys that rotate twice a year, beside one for etcd that is there already."""

import pulumi

from components import VaultEnvironmentKeys, VaultEnvironmentKeysArgs, VaultNames

keys = VaultEnvironmentKeys(
    "keys",
    VaultEnvironmentKeysArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        rotation_days=180,
        existing={"etcd": "transit/keys/prod-etcd"},
    ),
)
pulumi.export("secretsKeyId", keys.secrets.id)
