"""Phase one of an environment on AWS: everything that must be there before its cluster is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi

from ..arguments import Arguments
from ..contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, SecretScope, StoreRef
from ..forms import TENANTS_FOLDER
from .cluster_encryption import AwsNodeEncryption, AwsNodeEncryptionArgs
from .config import AwsEnvironmentConfig, SelfManagedClusterConfig
from .deploy_key import AwsDeployKey, AwsDeployKeyArgs
from .identity import create_identity
from .keys import AwsEnvironmentKeys, AwsEnvironmentKeysArgs, KeyRole
from .names import AwsNames
from .operator_role import OperatorGrant
from .policies import eks_etcd_key_policy, node_etcd_key_policy, secrets_key_policy, tenants_key_policy
from .secret_store import AwsSecretSpec, AwsSecretStore, AwsSecretStoreArgs, canary_ref
from .statements import Document
from .team_identity import create_team_identity
from .team_policies import team_key_statements
from .tenant_policies import tenant_key_statements


@dataclass(frozen=True, kw_only=True)
class AwsFoundationArgs(Arguments):
    """Arguments of AwsFoundation.

    names: the environment's names.
    environment: its configuration, parsed and checked; of the same account and region as the names.
    """

    names: AwsNames
    environment: AwsEnvironmentConfig

    def __post_init__(self) -> None:
        names, environment = self.names, self.environment
        self.require(
            (names.account_id, names.region) == (environment.account_id, environment.region),
            "names",
            "are of another account or region than the environment",
            "take them from BootstrapConfig.names",
        )


class AwsFoundation(pulumi.ComponentResource):
    """Phase one of an environment: keys → containers → deploy key → what the cluster's creation needs.

    Creates:
    - AwsEnvironmentKeys;
    - AwsSecretStore;
    - AwsDeployKey, with Argo CD;
    - AwsNodeEncryption, for a self-managed cluster.

    Outputs:
    - `keys`: the environment's keys (AwsEnvironmentKeys).
    - `store`: the secret manager (StoreRef).
    - `canary`: the container for the first sync (CanaryRef).
    - `grant`: what the operator's role may do (OperatorGrant).
    - `encryption`: what the cluster's creation has to be given (ClusterEncryption).
    - `deploy_public_key`: the public half of the deploy key that Pulumi made; None without one.
    - `generated_key`: the container of a deploy key that is made in the cluster (CanaryRef); None without one.
    - `gates`: everything that was created.
    - `references`: what a stack may export: names, ARNs and public keys, never a value.
    - `principal_output`: what a stack calls the identity's principal when it exports it.

    Raises ConfigError for names of another account or region.
    """

    keys: AwsEnvironmentKeys
    store: StoreRef
    canary: CanaryRef
    grant: OperatorGrant
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource]
    references: Mapping[str, Any]
    principal_output: ClassVar[str] = "identityRoleArn"

    def __init__(self, name: str, args: AwsFoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:AwsFoundation", name, None, opts)
        self._args = args
        names, environment = args.names, args.environment
        children = pulumi.ResourceOptions(parent=self)

        self.keys = AwsEnvironmentKeys(
            f"{name}-keys",
            AwsEnvironmentKeysArgs(
                names=names,
                policies=key_policies(names, environment),
                deletion_profile=environment.deletion_profile,
                rotation_days=environment.keys.rotation_days,
                deletion_window_days=environment.keys.deletion_window_days,
                existing=environment.keys.existing.by_role(),
            ),
            children,
        )
        secrets = AwsSecretStore(
            f"{name}-secrets",
            AwsSecretStoreArgs(
                names=names,
                secrets_key=self.keys.secrets,
                tenants_key=self.keys.tenants,
                canary=environment.first_sync.secret,
                operator_filled=environment.operator_filled,
                secrets=_containers(names, environment),
                deletion_profile=environment.deletion_profile,
                recovery_days=environment.recovery_days,
            ),
            children,
        )
        self.store, self.canary = secrets.store, secrets.canary
        self.grant = OperatorGrant(
            secrets_key=self.keys.secrets,
            tenants_key=self.keys.tenants,
            canary=environment.first_sync.secret,
            operator_filled=environment.operator_filled,
        )

        deploy_key = None
        if environment.stated_key_secret is not None:
            secret_id = secrets.secret_arns[environment.stated_key_secret]
            # The value waits for its container's policy.
            key_args = AwsDeployKeyArgs(secret_id=secret_id, after=secrets.gates)
            deploy_key = AwsDeployKey(f"{name}-deploy-key", key_args, children)
        self.deploy_public_key = deploy_key.public_key if deploy_key else None
        self.generated_key = next((canary_ref(names, one) for one in environment.operator_filled), None)

        self.encryption = self._encryption(f"{name}-encryption", args, children)
        self.gates = [
            *self.keys.gates,
            *secrets.gates,
            *(deploy_key.gates if deploy_key else ()),
            *self.encryption.gates,
        ]
        self.references = {
            "region": names.region,
            "accountId": names.account_id,
            "secretsKeyArn": self.keys.secrets.id,
            "etcdKeyArn": self.keys.etcd.id,
            "tenantsKeyArn": self.keys.tenants.id,
            "secretPrefix": names.secret_prefix,
        }
        self.register_outputs({"secretPrefix": names.secret_prefix, "deployPublicKey": self.deploy_public_key})

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create AwsPodIdentity or AwsIrsaIdentity for a cluster, as the environment chose."""
        return create_identity(
            name,
            names=self._args.names,
            environment=self._args.environment,
            grant=self.grant,
            cluster=cluster,
            opts=opts,
        )

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create AwsTeamIdentity for a cluster."""
        return create_team_identity(
            name,
            names=self._args.names,
            environment=self._args.environment,
            secrets_key=self.keys.secrets,
            scope=scope,
            cluster=cluster,
            operator=operator,
            opts=opts,
        )

    def _encryption(self, name: str, args: AwsFoundationArgs, opts: pulumi.ResourceOptions) -> ClusterEncryption:
        cluster = args.environment.cluster
        if not isinstance(cluster, SelfManagedClusterConfig):
            return ClusterEncryption(key=self.keys.etcd, gates=self.keys.gates)
        node_args = AwsNodeEncryptionArgs(
            names=args.names,
            etcd_key=self.keys.etcd,
            plugin_image=cluster.kms_plugin_image,
            provider_name=cluster.encryption_provider_name,
        )
        return AwsNodeEncryption(name, node_args, opts).encryption


def key_policies(names: AwsNames, environment: AwsEnvironmentConfig) -> Mapping[KeyRole, Document]:
    """The policy that each of the environment's keys has, or that an adopted one must allow."""
    administrators, deployers, writers = environment.administrators, environment.deployers, environment.writers
    etcd = (
        node_etcd_key_policy(names, administrators=administrators)
        if isinstance(environment.cluster, SelfManagedClusterConfig)
        else eks_etcd_key_policy(names, administrators=administrators, creators=deployers)
    )
    written = (environment.stated_key_secret,) if environment.stated_key_secret else ()
    readers = {name: one.readers for name, one in environment.secrets.items()}
    of_tenants = {name: named for name, named in readers.items() if name.startswith(TENANTS_FOLDER)}
    return {
        "secrets": secrets_key_policy(
            names,
            administrators=administrators,
            deployers=deployers,
            writers=writers,
            canary=environment.first_sync.secret,
            written=written,
            filled=environment.operator_filled,
            readers={name: named for name, named in readers.items() if name not in of_tenants},
            teams=team_key_statements(names, environment.scopes) if environment.scopes else (),
        ),
        "etcd": etcd,
        "tenants": tenants_key_policy(
            names,
            administrators=administrators,
            deployers=deployers,
            writers=writers,
            tenant_keys=tenant_key_statements(names) if environment.tenant_keys else (),
            readers=of_tenants,
        ),
    }


def _containers(names: AwsNames, environment: AwsEnvironmentConfig) -> Mapping[str, AwsSecretSpec]:
    def teams(container: str) -> list[str]:
        return [names.role_arn(scope.name) for scope in environment.scopes if scope.holds(container)]

    containers = {
        name: AwsSecretSpec(
            description=one.description,
            readers=() if one.existing_arn else (*one.readers, *teams(name)),
            existing_arn=one.existing_arn,
        )
        for name, one in environment.secrets.items()
    }
    if environment.stated_key_secret is not None:
        # The program reads back what it wrote, to see drift.
        containers[environment.stated_key_secret] = AwsSecretSpec(
            description="Argo CD deploy key", readers=environment.deployers
        )
    return containers
