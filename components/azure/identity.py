"""The operator's identity on Azure."""

import pulumi

from ..contracts import ClusterRef, IdentityRef
from .config import AzureEnvironmentConfig
from .names import AzureNames
from .workload_identity import (
    AzureExistingIdentity,
    AzureOperatorGrant,
    AzureWorkloadIdentity,
    AzureWorkloadIdentityArgs,
)


def create_identity(
    name: str,
    *,
    names: AzureNames,
    environment: AzureEnvironmentConfig,
    grant: AzureOperatorGrant,
    cluster: ClusterRef,
    opts: pulumi.ResourceOptions,
) -> IdentityRef:
    """Create AzureWorkloadIdentity for a cluster."""
    existing = environment.identity.existing
    identity_args = AzureWorkloadIdentityArgs(
        names=names,
        cluster=cluster,
        service_account=environment.store_account,
        grant=grant,
        existing=AzureExistingIdentity(**existing.model_dump()) if existing else None,
    )
    return AzureWorkloadIdentity(name, identity_args, opts).identity
