"""Phase one of an environment on Azure: everything that must be there before its cluster is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi

from ..arguments import Arguments
from ..contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, SecretScope, StoreRef
from .audit import AzureAudit, AzureAuditArgs
from .cluster_encryption import AzureClusterIdentity, AzureClusterIdentityArgs
from .config import AzureEnvironmentConfig
from .deploy_key import AzureDeployKey, AzureDeployKeyArgs
from .identity import create_identity
from .keys import AzureEnvironmentKeys, AzureEnvironmentKeysArgs
from .names import AzureNames, vault_url
from .secret_store import AzureSecretSpec, AzureSecretStore, AzureSecretStoreArgs, canary_ref, secret_id
from .team_identity import AzureTeamIdentity, AzureTeamIdentityArgs
from .vault import PRIVATE_ENDPOINTS_ONLY, AzureVaultNetwork
from .workload_identity import AzureOperatorGrant


@dataclass(frozen=True, kw_only=True)
class AzureFoundationArgs(Arguments):
    """Arguments of AzureFoundation.

    names: the environment's names.
    environment: its configuration, parsed and checked; of the same place as the names.
    """

    names: AzureNames
    environment: AzureEnvironmentConfig

    def __post_init__(self) -> None:
        names = self.names
        self.require(
            names == self.environment.names(names.prefix, names.environment),
            "names",
            "are of another subscription, resource group or vault than the environment",
            "take them from BootstrapConfig.names",
        )


class AzureFoundation(pulumi.ComponentResource):
    """Phase one of an environment: keys → vault for secrets → access log → deploy key → the cluster's identity.

    Creates:
    - AzureEnvironmentKeys;
    - AzureSecretStore;
    - AzureAudit, of both vaults;
    - AzureDeployKey, with Argo CD;
    - AzureClusterIdentity.

    Outputs:
    - `keys`: the environment's keys (AzureEnvironmentKeys).
    - `store`: the secret manager (StoreRef).
    - `canary`: the secret for the first sync (CanaryRef).
    - `grant`: what the operator's identity may do (AzureOperatorGrant).
    - `encryption`: what the cluster's creation has to be given (ClusterEncryption).
    - `deploy_public_key`: the public half of the deploy key that Pulumi made; None without one.
    - `generated_key`: the container of a deploy key that is made in the cluster (CanaryRef); None without one.
    - `gates`: everything that was created.
    - `references`: what a stack may export: names, ids and public keys, never a value.
    - `principal_output`: what a stack calls the identity's principal when it exports it.

    Raises ConfigError for names of another place.
    """

    keys: AzureEnvironmentKeys
    store: StoreRef
    canary: CanaryRef
    grant: AzureOperatorGrant
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource]
    references: Mapping[str, Any]
    principal_output: ClassVar[str] = "identityClientId"

    def __init__(self, name: str, args: AzureFoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AzureFoundation", name, None, opts)
        self._args = args
        names, environment = args.names, args.environment
        children = pulumi.ResourceOptions(parent=self)

        self.keys = AzureEnvironmentKeys(
            f"{name}-keys",
            AzureEnvironmentKeysArgs(
                names=names,
                administrators=environment.administrators,
                deletion_profile=environment.deletion_profile,
                rotation_days=environment.keys.rotation_days,
                existing=environment.keys.existing.by_role(),
            ),
            children,
        )
        secrets = AzureSecretStore(f"{name}-secrets", _store_args(args), children)
        self.store, self.canary = secrets.store, secrets.canary
        vaults = {"keys": self.keys.vault_id, "secrets": secrets.vault_id}
        audit = AzureAudit(
            f"{name}-audit",
            AzureAuditArgs(
                names=names,
                vaults={what: vault_id for what, vault_id in vaults.items() if vault_id is not None},
                retention_days=environment.audit.retention_days,
                deletion_profile=environment.deletion_profile,
                existing_workspace_id=environment.audit.existing_workspace_id,
                after=[*self.keys.gates, *secrets.gates],
            ),
            children,
        )
        # The log sees the first access, too.
        logged = [*secrets.gates, *audit.gates]
        self.grant = AzureOperatorGrant(
            vault_id=secrets.vault_id,
            canary=environment.first_sync.secret,
            operator_filled=environment.operator_filled,
            gates=logged,
        )
        deploy_key = self._deploy_key(f"{name}-deploy-key", secrets, logged)
        self.deploy_public_key = deploy_key.public_key if deploy_key else None
        self.generated_key = next((canary_ref(names, one) for one in environment.operator_filled), None)
        cluster_identity = AzureClusterIdentity(
            f"{name}-cluster-identity",
            AzureClusterIdentityArgs(
                names=names,
                etcd_key=self.keys.etcd,
                etcd_key_id=self.keys.etcd_id,
                subnet_id=environment.cluster.subnet_id,
                after=self.keys.gates,
            ),
            children,
        )
        self.encryption = cluster_identity.encryption
        self.gates = [
            *self.keys.gates,
            *secrets.gates,
            *audit.gates,
            *(deploy_key.gates if deploy_key else ()),
            *cluster_identity.gates,
        ]
        self.references = {
            "subscriptionId": names.subscription_id,
            "tenantId": names.tenant_id,
            "location": names.location,
            "resourceGroup": names.resource_group,
            "secretsKeyUrl": self.keys.secrets.id,
            "etcdKeyUrl": self.keys.etcd.id,
            "tenantsKeyUrl": self.keys.tenants.id,
            "vaultUrl": vault_url(names.secrets_vault),
            "auditWorkspaceId": audit.workspace_id,
        }
        self.register_outputs({"vaultUrl": vault_url(names.secrets_vault), "deployPublicKey": self.deploy_public_key})

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create AzureWorkloadIdentity for a cluster."""
        names, environment = self._args.names, self._args.environment
        return create_identity(name, names=names, environment=environment, grant=self.grant, cluster=cluster, opts=opts)

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create AzureTeamIdentity for a cluster."""
        args = AzureTeamIdentityArgs(
            names=self._args.names,
            containers=self._args.environment.secret_names(),
            grant=self.grant,
            scope=scope,
            cluster=cluster,
            after=operator.gates,
        )
        return AzureTeamIdentity(name, args, opts).identities

    def _deploy_key(
        self, name: str, secrets: AzureSecretStore, after: Sequence[pulumi.Resource]
    ) -> AzureDeployKey | None:
        secret = self._args.environment.stated_key_secret
        if secret is None:
            return None
        names = self._args.names
        key_args = AzureDeployKeyArgs(
            secret_id=secret_id(secrets.vault_id, names, secret),
            tags=names.tags(),
            vault=secrets.vault,
            after=after,
        )
        return AzureDeployKey(name, key_args, pulumi.ResourceOptions(parent=self))


def _store_args(args: AzureFoundationArgs) -> AzureSecretStoreArgs:
    environment, vault = args.environment, args.environment.secrets_vault
    adopted = vault.existing_id is not None
    subnets = dict.fromkeys((environment.cluster.subnet_id, *vault.subnet_ids))
    return AzureSecretStoreArgs(
        names=args.names,
        network=PRIVATE_ENDPOINTS_ONLY if adopted else AzureVaultNetwork(subnet_ids=list(subnets), cidrs=vault.cidrs),
        canary=environment.first_sync.secret,
        operator_filled=environment.operator_filled,
        secrets={name: AzureSecretSpec(readers=one.readers) for name, one in environment.secrets.items()},
        writers=environment.writers,
        deletion_profile=environment.deletion_profile,
        existing_vault_id=vault.existing_id,
    )
