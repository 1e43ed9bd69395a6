"""Identities that open some of the environment's containers: a team's, or that of what all teams share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_vault as vault

from ..arguments import Arguments
from ..contracts import ClusterRef, IdentityKind, IdentityRef, SecretScope, ServiceAccountRef
from .forms import MOUNT
from .jwt_identity import VaultJwtIdentity, VaultJwtIdentityArgs
from .kubernetes_identity import VaultKubernetesIdentity, VaultKubernetesIdentityArgs
from .names import VaultNames
from .policies import team_policy, to_json


@dataclass(frozen=True, kw_only=True)
class VaultTeamIdentityArgs(Arguments):
    """Arguments of VaultTeamIdentity.

    names: the environment's names.
    cluster: where tokens are issued.
    scope: which containers, and whose tokens (`team_scopes`).
    mount: the path of the environment's kv engine.
    auth_mount: the path of the auth method, which is there: the one of the operator's identity.
    audience: what a token must be meant for; a word that only this Vault answers to, such as vault.
    kind: what the auth method is: vaultKubernetes or vaultJwt; default vaultKubernetes.
    api_audience: what the API server takes a token as meant for itself by (vaultKubernetes only); default the cluster's
        issuer.
    token_ttl_seconds: how long a login lasts; seconds, 120 to 3600; default 600.
    after: what must be there before, such as the auth method; default none.
    """

    names: VaultNames
    cluster: ClusterRef
    scope: SecretScope
    mount: str
    auth_mount: str
    audience: str
    kind: IdentityKind = IdentityKind.VAULT_KUBERNETES
    api_audience: pulumi.Input[str] | None = None
    token_ttl_seconds: int = 600
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        self.require_form("mount", self.mount, MOUNT)
        self.require(
            self.kind.manager == "vault",
            "kind",
            "opens another manager",
            f"use {IdentityKind.VAULT_KUBERNETES} or {IdentityKind.VAULT_JWT}",
        )
        self.require(
            self.kind is IdentityKind.VAULT_KUBERNETES or self.api_audience is None,
            "api_audience",
            "has no meaning with vaultJwt: Vault asks the API server about no token",
            "remove it",
        )
        for account in self.scope.service_accounts:
            self.login(account, self.policy, self.after)

    @property
    def policy(self) -> str:
        """The name of the team's policy."""
        return self.names.full_name(self.scope.name)

    def login(
        self, account: ServiceAccountRef, policy: pulumi.Input[str], after: Sequence[pulumi.Resource]
    ) -> VaultKubernetesIdentityArgs | VaultJwtIdentityArgs:
        """The role of one service account."""
        shared: dict[str, Any] = {
            "names": self.names,
            "cluster": self.cluster,
            "service_account": account,
            "audience": self.audience,
            "policy": policy,
            "existing_mount": self.auth_mount,
            "token_ttl_seconds": self.token_ttl_seconds,
            "role": f"store-{account.namespace}",  # no namespace is two teams'
            "after": after,
        }
        if self.kind is IdentityKind.VAULT_JWT:
            return VaultJwtIdentityArgs(**shared)
        return VaultKubernetesIdentityArgs(**shared, api_audience=self.api_audience)


class VaultTeamIdentity(pulumi.ComponentResource):
    """A policy that reads one team's secrets, and a role for the service account of each of its namespaces.

    Creates:
    - the policy `<prefix>-<environment>-team-<team>` (of what is shared: `-shared`): read below the team's prefixes;
    - for each namespace VaultKubernetesIdentity or VaultJwtIdentity, which make the role
      `<prefix>-<environment>-store-<namespace>` in the auth method that is there.

    Outputs:
    - `identities`: who opens the manager, for each namespace (IdentityRef).
    - `policy`: the policy's name.
    - `gates`: everything that was created.

    Raises ConfigError for paths, an audience or a number that cannot work.
    Sources: Vault, "Policies" and "Kubernetes auth method".
    """

    identities: Mapping[str, IdentityRef]
    policy: pulumi.Output[str]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: VaultTeamIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:VaultTeamIdentity", name, None, opts)
        children = pulumi.ResourceOptions(parent=self)
        policy = vault.Policy(
            f"{name}-policy",
            name=args.policy,
            policy=to_json(team_policy(args.mount, prefixes=args.scope.prefixes)),
            opts=children,
        )
        self.policy = policy.name
        self.identities = {}
        for account in args.scope.service_accounts:
            login = args.login(account, policy.name, args.after)
            child = f"{name}-{account.namespace}"
            made = (
                VaultJwtIdentity(child, login, children)
                if isinstance(login, VaultJwtIdentityArgs)
                else VaultKubernetesIdentity(child, login, children)
            )
            self.identities[account.namespace] = made.identity
        self.gates = [policy, *(gate for one in self.identities.values() for gate in one.gates)]
        self.register_outputs({"policy": policy.name})
