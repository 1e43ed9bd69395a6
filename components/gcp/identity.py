"""The operator's identity on Google Cloud, of the kind that the environment chose."""

import pulumi

from ..contracts import ClusterRef, IdentityKind, IdentityRef
from .config import GcpEnvironmentConfig
from .names import GcpNames
from .operator_grants import GcpOperatorGrant
from .principal import GcpPrincipalIdentity, GcpPrincipalIdentityArgs
from .service_account import GcpServiceAccountIdentity, GcpServiceAccountIdentityArgs


def create_identity(
    name: str,
    *,
    names: GcpNames,
    environment: GcpEnvironmentConfig,
    grant: GcpOperatorGrant,
    cluster: ClusterRef,
    opts: pulumi.ResourceOptions,
) -> IdentityRef:
    """Create GcpPrincipalIdentity or GcpServiceAccountIdentity for a cluster."""
    chosen, account = environment.identity, environment.store_account
    if chosen.kind is IdentityKind.GKE_PRINCIPAL:
        principal_args = GcpPrincipalIdentityArgs(names=names, cluster=cluster, service_account=account, grant=grant)
        return GcpPrincipalIdentity(name, principal_args, opts).identity
    account_args = GcpServiceAccountIdentityArgs(
        names=names,
        cluster=cluster,
        service_account=account,
        grant=grant,
        service_account_email=chosen.service_account_email,
    )
    return GcpServiceAccountIdentity(name, account_args, opts).identity
