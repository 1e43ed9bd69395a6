"""A deploy key for Argo CD: the private half goes to Vault, the public half to the Git host, by a person."""

import pulumi

from components import (
    VaultDeployKey,
    VaultDeployKeyArgs,
    VaultNames,
    VaultSecretSpec,
    VaultSecretStore,
    VaultSecretStoreArgs,
)

containers = VaultSecretStore(
    "secrets",
    VaultSecretStoreArgs(
        names=VaultNames(prefix="platform", environment="prod", address="https://vault.example.com:8200"),
        secrets={"argocd/platform": VaultSecretSpec()},
    ),
)
key = VaultDeployKey(
    "deploy-key",
    VaultDeployKeyArgs(mount=containers.mount, container="argocd/platform", after=containers.gates),
)
pulumi.export("deployPublicKey", key.public_key)
