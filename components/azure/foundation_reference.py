"""Phase one of an environment on Azure that another stack made. It gives key URLs, the log's id and the public key."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from ..contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, KeyRef, SecretScope, StoreRef
from ..foundation import FoundationOutputs
from .config import AzureEnvironmentConfig
from .identity import create_identity
from .names import CLUSTER_IDENTITY, AzureNames, vault_url
from .secret_store import canary_ref, store_ref
from .team_identity import AzureTeamIdentity, AzureTeamIdentityArgs
from .workload_identity import AzureOperatorGrant


class AzureFoundationReference:
    """An AzureFoundation of another stack, as a Foundation. It creates nothing but the identity, when asked for it.

    Raises ConfigError, once the references are known, if one is missing or is of another place or vault.
    """

    store: StoreRef
    canary: CanaryRef
    grant: AzureOperatorGrant
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource] = ()
    references: Mapping[str, Any]
    principal_output: ClassVar[str] = "identityClientId"

    def __init__(self, *, names: AzureNames, environment: AzureEnvironmentConfig, outputs: FoundationOutputs) -> None:
        self._names, self._environment = names, environment
        own = {
            "subscriptionId": names.subscription_id,
            "tenantId": names.tenant_id,
            "location": names.location,
            "resourceGroup": names.resource_group,
            "vaultUrl": vault_url(names.secrets_vault),
        }
        taken = ("secretsKeyUrl", "etcdKeyUrl", "tenantsKeyUrl", "auditWorkspaceId")
        self.references = {**own, **{name: outputs.value(name, **own) for name in taken}}
        self.store, self.canary = store_ref(names), canary_ref(names, environment.first_sync.secret)
        vault_id = environment.secrets_vault.existing_id or names.vault_id(names.secrets_vault)
        self.grant = AzureOperatorGrant(
            vault_id=vault_id,
            canary=environment.first_sync.secret,
            operator_filled=environment.operator_filled,
        )
        self.encryption = ClusterEncryption(
            key=KeyRef(id=self.references["etcdKeyUrl"]), identity_id=names.identity_id(CLUSTER_IDENTITY)
        )
        self.deploy_public_key = outputs.value("deployPublicKey", **own) if environment.stated_key_secret else None
        self.generated_key = next((canary_ref(names, one) for one in environment.operator_filled), None)

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create AzureWorkloadIdentity for a cluster."""
        return create_identity(
            name, names=self._names, environment=self._environment, grant=self.grant, cluster=cluster, opts=opts
        )

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create AzureTeamIdentity for a cluster."""
        args = AzureTeamIdentityArgs(
            names=self._names,
            containers=self._environment.secret_names(),
            grant=self.grant,
            scope=scope,
            cluster=cluster,
            after=operator.gates,
        )
        return AzureTeamIdentity(name, args, opts).identities
