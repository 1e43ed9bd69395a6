"""Phase one of an environment on Google Cloud: everything that must be there before its cluster is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi

from ..arguments import Arguments
from ..contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, SecretScope, StoreRef
from .audit import GcpAuditLogs, GcpAuditLogsArgs
from .config import GcpEnvironmentConfig
from .deploy_key import GcpDeployKey, GcpDeployKeyArgs
from .identity import create_identity
from .keys import GcpEnvironmentKeys, GcpEnvironmentKeysArgs
from .names import GcpNames
from .operator_grants import GcpOperatorGrant
from .secret_store import GcpSecretSpec, GcpSecretStore, GcpSecretStoreArgs, canary_ref
from .team_identity import GcpTeamIdentity, GcpTeamIdentityArgs


@dataclass(frozen=True, kw_only=True)
class GcpFoundationArgs(Arguments):
    """Arguments of GcpFoundation.

    names: the environment's names.
    environment: its configuration, parsed and checked; of the same project and location as the names.
    """

    names: GcpNames
    environment: GcpEnvironmentConfig

    def __post_init__(self) -> None:
        names, environment = self.names, self.environment
        self.require(
            (names.project_id, names.project_number, names.location)
            == (environment.project_id, environment.project_number, environment.location),
            "names",
            "are of another project or location than the environment",
            "take them from BootstrapConfig.names",
        )


class GcpFoundation(pulumi.ComponentResource):
    """Phase one of an environment: keys and access logs → containers → deploy key.

    Creates:
    - GcpEnvironmentKeys;
    - GcpAuditLogs, unless the project has its own;
    - GcpSecretStore;
    - GcpDeployKey, with Argo CD.

    Outputs:
    - `keys`: the environment's keys (GcpEnvironmentKeys).
    - `store`: the secret manager (StoreRef).
    - `canary`: the container for the first sync (CanaryRef).
    - `grant`: what the operator may do (GcpOperatorGrant).
    - `encryption`: what the cluster's creation has to be given (ClusterEncryption).
    - `deploy_public_key`: the public half of the deploy key that Pulumi made; None without one.
    - `generated_key`: the container of a deploy key that is made in the cluster (CanaryRef); None without one.
    - `gates`: everything that was created.
    - `references`: what a stack may export: names and public keys, never a value.
    - `principal_output`: what a stack calls the identity's principal when it exports it.

    Raises ConfigError for names of another project or location.
    """

    keys: GcpEnvironmentKeys
    store: StoreRef
    canary: CanaryRef
    grant: GcpOperatorGrant
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource]
    references: Mapping[str, Any]
    principal_output: ClassVar[str] = "identityMember"

    def __init__(self, name: str, args: GcpFoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:GcpFoundation", name, None, opts)
        self._args = args
        names, environment = args.names, args.environment
        children = pulumi.ResourceOptions(parent=self)

        self.keys = GcpEnvironmentKeys(
            f"{name}-keys",
            GcpEnvironmentKeysArgs(
                names=names,
                administrators=environment.administrators,
                replica_locations=environment.replica_locations,
                deletion_profile=environment.deletion_profile,
                rotation_days=environment.keys.rotation_days,
                deletion_window_days=environment.keys.deletion_window_days,
                existing=environment.keys.existing.by_role(),
            ),
            children,
        )
        audit = None if environment.audit.existing else self._audit(f"{name}-audit", children)
        logged = audit.gates if audit else ()
        secrets = GcpSecretStore(
            f"{name}-secrets",
            GcpSecretStoreArgs(
                names=names,
                secrets_keys=self.keys.secrets,
                tenants_keys=self.keys.tenants,
                canary=environment.first_sync.secret,
                operator_filled=environment.operator_filled,
                secrets=_containers(environment),
                deletion_profile=environment.deletion_profile,
                recovery_days=environment.secret_recovery_days,
                # Nothing is kept before its reads are logged.
                after=[*self.keys.gates, *logged],
            ),
            children,
        )
        self.store, self.canary = secrets.store, secrets.canary
        self.grant = GcpOperatorGrant(
            secret_ids=secrets.secret_ids,
            canary=environment.first_sync.secret,
            operator_filled=environment.operator_filled,
        )

        deploy_key = None
        if environment.stated_key_secret is not None:
            secret_id = secrets.secret_ids[environment.stated_key_secret]
            key_args = GcpDeployKeyArgs(secret_id=secret_id, deployers=environment.deployers)
            deploy_key = GcpDeployKey(f"{name}-deploy-key", key_args, children)
        self.deploy_public_key = deploy_key.public_key if deploy_key else None
        self.generated_key = next((canary_ref(names, one) for one in environment.operator_filled), None)

        self.encryption = ClusterEncryption(key=self.keys.etcd, gates=self.keys.gates)
        self.gates = [*self.keys.gates, *logged, *secrets.gates, *(deploy_key.gates if deploy_key else ())]
        self.references = {
            "projectId": names.project_id,
            "location": names.location,
            "secretsKeyNames": {location: key.id for location, key in self.keys.secrets.items()},
            "etcdKeyName": self.keys.etcd.id,
            "tenantsKeyNames": {location: key.id for location, key in self.keys.tenants.items()},
            "secretPrefix": names.secret_prefix,
            **({"auditBucket": audit.bucket} if audit else {}),
        }
        self.register_outputs({"secretPrefix": names.secret_prefix, "deployPublicKey": self.deploy_public_key})

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create GcpPrincipalIdentity or GcpServiceAccountIdentity for a cluster, as the environment chose."""
        names, environment = self._args.names, self._args.environment
        return create_identity(name, names=names, environment=environment, grant=self.grant, cluster=cluster, opts=opts)

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create GcpTeamIdentity for a cluster."""
        args = GcpTeamIdentityArgs(
            names=self._args.names,
            secret_ids=self.grant.secret_ids,
            scope=scope,
            cluster=cluster,
            after=operator.gates,
        )
        return GcpTeamIdentity(name, args, opts).identities

    def _audit(self, name: str, opts: pulumi.ResourceOptions) -> GcpAuditLogs:
        environment = self._args.environment
        audit_args = GcpAuditLogsArgs(
            names=self._args.names,
            retention_days=environment.audit.retention_days,
            deletion_profile=environment.deletion_profile,
        )
        return GcpAuditLogs(name, audit_args, opts)


def _containers(environment: GcpEnvironmentConfig) -> Mapping[str, GcpSecretSpec]:
    containers = {
        name: GcpSecretSpec(description=one.description, existing_id=one.existing_id, writers=environment.writers)
        for name, one in environment.secrets.items()
    }
    if environment.stated_key_secret is not None:
        containers[environment.stated_key_secret] = GcpSecretSpec(description="Argo CD deploy key")
    return containers
