"""Phase one of an environment in Vault that another stack made. It gives the keys' names and the public key."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from ..contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, KeyRef, SecretScope, StoreRef
from ..foundation import FoundationOutputs
from .config import VaultEnvironmentConfig
from .identity import create_identity, create_team_identity
from .names import OPERATOR, VaultNames
from .node_encryption import node_encryption, node_encryption_args
from .secret_store import canary_ref, store_ref


class VaultFoundationReference:
    """A VaultFoundation of another stack, as a Foundation. It creates nothing but the identity, when asked for it.

    Raises ConfigError, once the references are known, if one is missing or is of another Vault or mount.
    """

    store: StoreRef
    canary: CanaryRef
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource] = ()
    references: Mapping[str, Any]
    principal_output: ClassVar[str] = "identityRole"

    def __init__(self, *, names: VaultNames, environment: VaultEnvironmentConfig, outputs: FoundationOutputs) -> None:
        self._names, self._environment = names, environment
        mount = environment.engine.existing_mount or names.mount("secrets")
        own = {"vaultAddress": names.address, "secretsMount": mount}
        taken = ("secretsKeyId", "etcdKeyId", "tenantsKeyId", "writersPolicy")
        self.references = {**own, **{name: outputs.value(name, **own) for name in taken}}
        self.store = store_ref(names, mount, environment.ca_certificate)
        self.canary = canary_ref(names, environment.first_sync.secret)
        etcd_key = KeyRef(id=self.references["etcdKeyId"])
        self.encryption = node_encryption(node_encryption_args(names, environment.cluster, etcd_key))
        self.deploy_public_key = outputs.value("deployPublicKey", **own) if environment.stated_key_secret else None
        self.generated_key = next((canary_ref(names, one) for one in environment.operator_filled), None)

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create VaultKubernetesIdentity or VaultJwtIdentity for a cluster, as the environment chose."""
        names, environment, policy = self._names, self._environment, self._names.full_name(OPERATOR)
        return create_identity(name, names=names, environment=environment, policy=policy, cluster=cluster, opts=opts)

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create VaultTeamIdentity for a cluster."""
        return create_team_identity(
            name,
            names=self._names,
            environment=self._environment,
            mount=self.references["secretsMount"],
            scope=scope,
            cluster=cluster,
            operator=operator,
            opts=opts,
        )
