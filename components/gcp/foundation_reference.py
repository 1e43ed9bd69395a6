"""Phase one of an environment on Google Cloud that another stack made. It gives key names and the public key."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from ..contracts import CanaryRef, ClusterEncryption, ClusterRef, IdentityRef, KeyRef, SecretScope, StoreRef
from ..foundation import FoundationOutputs
from .config import GcpEnvironmentConfig
from .identity import create_identity
from .names import GcpNames
from .operator_grants import GcpOperatorGrant
from .secret_store import canary_ref, store_ref
from .team_identity import GcpTeamIdentity, GcpTeamIdentityArgs


class GcpFoundationReference:
    """A GcpFoundation of another stack, as a Foundation. It creates nothing but the identity, when it is asked for it.

    Raises ConfigError, once the references are known, if one is missing or is of another project, location or prefix.
    """

    store: StoreRef
    canary: CanaryRef
    grant: GcpOperatorGrant
    encryption: ClusterEncryption
    deploy_public_key: pulumi.Output[str] | None
    generated_key: CanaryRef | None
    gates: Sequence[pulumi.Resource] = ()
    references: Mapping[str, Any]
    principal_output: ClassVar[str] = "identityMember"

    def __init__(self, *, names: GcpNames, environment: GcpEnvironmentConfig, outputs: FoundationOutputs) -> None:
        self._names, self._environment = names, environment
        own = {"projectId": names.project_id, "location": names.location, "secretPrefix": names.secret_prefix}
        logged = () if environment.audit.existing else ("auditBucket",)
        taken = ("secretsKeyNames", "etcdKeyName", "tenantsKeyNames", *logged)
        self.references = {**own, **{name: outputs.value(name, **own) for name in taken}}
        self.store, self.canary = store_ref(names), canary_ref(names, environment.first_sync.secret)
        self.grant = GcpOperatorGrant(
            secret_ids=_secret_ids(names, environment),
            canary=environment.first_sync.secret,
            operator_filled=environment.operator_filled,
        )
        self.encryption = ClusterEncryption(key=KeyRef(id=self.references["etcdKeyName"]))
        self.deploy_public_key = outputs.value("deployPublicKey", **own) if environment.stated_key_secret else None
        self.generated_key = next((canary_ref(names, one) for one in environment.operator_filled), None)

    def identify(self, name: str, cluster: ClusterRef, opts: pulumi.ResourceOptions) -> IdentityRef:
        """Create GcpPrincipalIdentity or GcpServiceAccountIdentity for a cluster, as the environment chose."""
        return create_identity(
            name, names=self._names, environment=self._environment, grant=self.grant, cluster=cluster, opts=opts
        )

    def identify_team(
        self, name: str, scope: SecretScope, cluster: ClusterRef, operator: IdentityRef, opts: pulumi.ResourceOptions
    ) -> Mapping[str, IdentityRef]:
        """Create GcpTeamIdentity for a cluster."""
        args = GcpTeamIdentityArgs(
            names=self._names,
            secret_ids=self.grant.secret_ids,
            scope=scope,
            cluster=cluster,
            after=operator.gates,
        )
        return GcpTeamIdentity(name, args, opts).identities


def _secret_ids(names: GcpNames, environment: GcpEnvironmentConfig) -> dict[str, str]:
    """Every container of the environment, in the order of GcpSecretStore."""
    filled = (environment.first_sync.secret, *environment.operator_filled)
    own = [environment.stated_key_secret] if environment.stated_key_secret else []
    ids = {name: names.secret_name(name) for name in (*filled, *environment.secrets, *own)}
    ids |= {name: one.existing_id for name, one in environment.secrets.items() if one.existing_id}
    return {name: names.secret_resource(secret_id) for name, secret_id in ids.items()}
