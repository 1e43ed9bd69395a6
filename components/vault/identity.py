"""The operator's identity in Vault, of the kind that the environment chose."""

from typing import Any

import pulumi

from ..contracts import ClusterRef, IdentityKind, IdentityRef
from .config import VaultEnvironmentConfig
from .jwt_identity import VaultJwtIdentity, VaultJwtIdentityArgs
from .kubernetes_identity import VaultKubernetesIdentity, VaultKubernetesIdentityArgs
from .names import VaultNames


def create_identity(
    name: str,
    *,
    names: VaultNames,
    environment: VaultEnvironmentConfig,
    policy: pulumi.Input[str],
    cluster: ClusterRef,
    opts: pulumi.ResourceOptions,
) -> IdentityRef:
    """Create VaultKubernetesIdentity or VaultJwtIdentity for a cluster. `policy` is what the operator may do."""
    chosen = environment.identity
    shared: dict[str, Any] = {
        "names": names,
        "cluster": cluster,
        "service_account": environment.store_account,
        "audience": chosen.audience,
        "policy": policy,
        "existing_mount": chosen.existing_mount,
        "token_ttl_seconds": chosen.token_ttl_seconds,
    }
    if chosen.kind is IdentityKind.VAULT_JWT:
        return VaultJwtIdentity(name, VaultJwtIdentityArgs(**shared), opts).identity
    kubernetes_args = VaultKubernetesIdentityArgs(**shared, api_audience=chosen.api_audience)
    return VaultKubernetesIdentity(name, kubernetes_args, opts).identity
