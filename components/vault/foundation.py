"""Phase one of an environment on Vault: everything that must be there before its cluster is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi

from ..arguments import Arguments
from ..contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, SecretScope, StoreRef
from .config import VaultEnvironmentConfig
from .deploy_key import VaultDeployKey, VaultDeployKeyArgs
from .identity import create_identity, create_team_identity
from .keys import VaultEnvironmentKeys, VaultEnvironmentKeysArgs
from .names import VaultNames
from .node_encryption import VaultNodeEncryption, node_encryption_args
from .secret_store import VaultSecretSpec, VaultSecretStore, VaultSecretStoreArgs, canary_ref


@dataclass(frozen=True, kw_only=True)
class VaultFoundationArgs(Arguments):
    """Arguments of VaultFoundation.

    names: the environment's names.
    environment: its configuration, parsed and checked; of the same Vault as the names.
    """

    names: VaultNames
    environment: VaultEnvironmentConfig

    def __post_init__(self) -> None:
        self.require(
            self.names.address == self.environment.address,
            "names",
            "are of another Vault than the environment",
            "take them from BootstrapConfig.names",
        )


class VaultFoundation(pulumi.ComponentResource):
    """Phase one of an environment: keys → containers → deploy key → what the cluster's creation needs.

    Give it the provider of this Vault in `opts.providers`. The audit device is the server's own: VaultAudit.

    Creates:
    - VaultEnvironmentKeys;
    - VaultSecretStore;
    - VaultDeployKey, with Argo CD;
    - VaultNodeEncryption.

    Outputs:
    - `keys`: the environment's keys (VaultEnvironmentKeys).
    - `secrets`: the environment's containers and policies (VaultSecretStore).
    - `store`: the secret manager (StoreRef).
    - `canary`: the container for the first sync (CanaryRef).
    - `encryption`: what the cluster's creation has to be given (ClusterEncryption).
    - `deploy_public_key`: the public half of the deploy key that Pulumi made; None without one.
    - `generated_key`: the container of a deploy key that is made in the cluster (CanaryRef); None without one.
    - `gates`: everything that was created.
    - `references`: what a stack may export: names, paths and public keys, never a value.
    - `principal_output`: what a stack calls the identity's principal when it exports it.

    Raises ConfigError for names of another Vault.
    """

    keys: VaultEnvironmentKeys
    secrets: VaultSecretStore
    store: StoreRef
    canary: CanaryRef
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource]
    references: Mapping[str, Any]
    principal_output: ClassVar[str] = "identityRole"

    def __init__(self, name: str, args: VaultFoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultFoundation", name, None, opts)
        self._args = args
        names, environment = args.names, args.environment
        children = pulumi.ResourceOptions(parent=self)

        self.keys = VaultEnvironmentKeys(
            f"{name}-keys",
            VaultEnvironmentKeysArgs(
                names=names,
                deletion_profile=environment.deletion_profile,
                rotation_days=environment.keys.rotation_days,
                existing=environment.keys.existing.by_role(),
            ),
            children,
        )
        self.secrets = VaultSecretStore(
            f"{name}-secrets",
            VaultSecretStoreArgs(
                names=names,
                ca_certificate=environment.ca_certificate,
                canary=environment.first_sync.secret,
                operator_filled=environment.operator_filled,
                secrets=_containers(environment),
                max_versions=environment.engine.max_versions,
                delete_versions_after_days=environment.engine.delete_versions_after_days,
                existing_mount=environment.engine.existing_mount,
                deletion_profile=environment.deletion_profile,
            ),
            children,
        )
        self.store, self.canary = self.secrets.store, self.secrets.canary

        deploy_key = None
        if environment.stated_key_secret is not None:
            key_args = VaultDeployKeyArgs(
                mount=self.secrets.mount, container=environment.stated_key_secret, after=self.secrets.gates
            )
            deploy_key = VaultDeployKey(f"{name}-deploy-key", key_args, children)
        self.deploy_public_key = deploy_key.public_key if deploy_key else None
        self.generated_key = next((canary_ref(names, one) for one in environment.operator_filled), None)

        node_args = node_encryption_args(names, environment.cluster, self.keys.etcd)
        self.encryption = VaultNodeEncryption(f"{name}-encryption", node_args, children).encryption
        self.gates = [
            *self.keys.gates,
            *self.secrets.gates,
            *(deploy_key.gates if deploy_key else ()),
            *self.encryption.gates,
        ]
        self.references = {
            "vaultAddress": names.address,
            "secretsMount": self.secrets.mount,
            "secretsKeyId": self.keys.secrets.id,
            "etcdKeyId": self.keys.etcd.id,
            "tenantsKeyId": self.keys.tenants.id,
            "writersPolicy": self.secrets.writers_policy,
        }
        self.register_outputs({"secretsMount": self.secrets.mount, "deployPublicKey": self.deploy_public_key})

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create VaultKubernetesIdentity or VaultJwtIdentity for a cluster, as the environment chose."""
        names, environment, policy = self._args.names, self._args.environment, self.secrets.operator_policy
        return create_identity(name, names=names, environment=environment, policy=policy, cluster=cluster, opts=opts)

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create VaultTeamIdentity for a cluster."""
        return create_team_identity(
            name,
            names=self._args.names,
            environment=self._args.environment,
            mount=self.secrets.mount,
            scope=scope,
            cluster=cluster,
            operator=operator,
            opts=opts,
        )


def _containers(environment: VaultEnvironmentConfig) -> Mapping[str, VaultSecretSpec]:
    containers = {
        name: VaultSecretSpec(description=one.description, existing=one.existing)
        for name, one in environment.secrets.items()
    }
    if environment.stated_key_secret is not None:
        containers[environment.stated_key_secret] = VaultSecretSpec(description="Argo CD deploy key")
    return containers
