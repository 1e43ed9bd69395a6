"""Phase one of an environment on AWS that another stack made. Only key ARNs and the public key come from there."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from ..contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, KeyRef, SecretScope, StoreRef
from ..foundation import FoundationOutputs
from .cluster_encryption import AwsNodeEncryptionArgs, node_encryption
from .config import AwsEnvironmentConfig, SelfManagedClusterConfig
from .identity import create_identity
from .names import NODE_ROLE, AwsNames
from .operator_role import OperatorGrant
from .secret_store import canary_ref, store_ref
from .team_identity import create_team_identity


class AwsFoundationReference:
    """An AwsFoundation of another stack, as a Foundation. It creates nothing but the identity, when it is asked for it.

    Raises ConfigError, once the references are known, if one is missing or is of another account, region or prefix.
    """

    store: StoreRef
    canary: CanaryRef
    grant: OperatorGrant
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource] = ()
    references: Mapping[str, Any]
    principal_output: ClassVar[str] = "identityRoleArn"

    def __init__(self, *, names: AwsNames, environment: AwsEnvironmentConfig, outputs: FoundationOutputs) -> None:
        self._names, self._environment = names, environment
        own = {"region": names.region, "accountId": names.account_id, "secretPrefix": names.secret_prefix}
        arns = {name: outputs.value(name, **own) for name in ("secretsKeyArn", "etcdKeyArn", "tenantsKeyArn")}
        self.store, self.canary = store_ref(names), canary_ref(names, environment.first_sync.secret)
        self.grant = OperatorGrant(
            secrets_key=KeyRef(id=arns["secretsKeyArn"]),
            tenants_key=KeyRef(id=arns["tenantsKeyArn"]),
            canary=environment.first_sync.secret,
            operator_filled=environment.operator_filled,
        )
        self.encryption = self._encryption(KeyRef(id=arns["etcdKeyArn"]))
        self.deploy_public_key = outputs.value("deployPublicKey", **own) if environment.stated_key_secret else None
        self.generated_key = next((canary_ref(names, one) for one in environment.operator_filled), None)
        self.references = {**own, **arns}

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create AwsPodIdentity or AwsIrsaIdentity for a cluster, as the environment chose."""
        return create_identity(
            name, names=self._names, environment=self._environment, grant=self.grant, cluster=cluster, opts=opts
        )

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create AwsTeamIdentity for a cluster."""
        return create_team_identity(
            name,
            names=self._names,
            environment=self._environment,
            secrets_key=self.grant.secrets_key,
            scope=scope,
            cluster=cluster,
            operator=operator,
            opts=opts,
        )

    def _encryption(self, etcd_key: KeyRef) -> ClusterEncryption:
        cluster = self._environment.cluster
        if not isinstance(cluster, SelfManagedClusterConfig):
            return ClusterEncryption(key=etcd_key)
        args = AwsNodeEncryptionArgs(
            names=self._names,
            etcd_key=etcd_key,
            plugin_image=cluster.kms_plugin_image,
            provider_name=cluster.encryption_provider_name,
        )
        return node_encryption(args, self._names.role_arn(NODE_ROLE))
