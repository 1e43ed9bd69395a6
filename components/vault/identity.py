"""Identities in Vault, of the kind that the environment chose: the operator's, and those of teams."""

from collections.abc import Mapping
from typing import Any

import pulumi

from ..contracts import ClusterRef, IdentityKind, IdentityRef, SecretScope
from .config import VaultEnvironmentConfig
from .jwt_identity import VaultJwtIdentity, VaultJwtIdentityArgs
from .kubernetes_identity import VaultKubernetesIdentity, VaultKubernetesIdentityArgs
from .names import VaultNames
from .team_identity import VaultTeamIdentity, VaultTeamIdentityArgs


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


def create_team_identity(
    name: str,
    *,
    names: VaultNames,
    environment: VaultEnvironmentConfig,
    mount: str,
    scope: SecretScope,
    cluster: ClusterRef,
    operator: IdentityRef,
    opts: pulumi.ResourceOptions,
) -> Mapping[str, IdentityRef]:
    """Create VaultTeamIdentity for a cluster, in the auth method of the operator's identity."""
    chosen = environment.identity
    method = "jwt" if chosen.kind is IdentityKind.VAULT_JWT else "kubernetes"
    args = VaultTeamIdentityArgs(
        names=names,
        cluster=cluster,
        scope=scope,
        mount=mount,
        auth_mount=chosen.existing_mount or names.mount(method),
        audience=chosen.audience,
        kind=chosen.kind,
        api_audience=chosen.api_audience,
        token_ttl_seconds=chosen.token_ttl_seconds,
        after=operator.gates,
    )
    return VaultTeamIdentity(name, args, opts).identities
