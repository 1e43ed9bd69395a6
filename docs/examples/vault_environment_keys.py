"""Two new keys that rotate twice a year, beside one for etcd that is there already; SOPS may use one of them."""

import json

import pulumi
import pulumi_vault as vault

from components import VaultEnvironmentKeys, VaultEnvironmentKeysArgs, VaultNames, transit_user_policy

keys = VaultEnvironmentKeys(
    "keys",
    VaultEnvironmentKeysArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        rotation_days=180,
        existing={"etcd": "transit/keys/prod-etcd"},
    ),
)
vault.Policy(
    "sops",
    name="platform-prod-sops",
    policy=pulumi.Output.from_input(keys.secrets.id).apply(lambda key: json.dumps(transit_user_policy(key))),
)
pulumi.export("secretsKeyId", keys.secrets.id)
