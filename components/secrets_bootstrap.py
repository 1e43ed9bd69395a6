"""One environment, end to end: keys → secrets → encrypted cluster → identity → operator → first sync → Argo CD."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from .arguments import Arguments
from .cluster_bootstrap import (
    ArgoCdSettings,
    ClusterBootstrap,
    ClusterBootstrapArgs,
    FirstSyncSettings,
    OperatorSettings,
)
from .config.environment import EnvironmentConfig
from .config.sealed import SealedSecretsConfig
from .config.teams import parsed
from .contracts import ClusterEncryption, ClusterRef, IdentityRef, Names
from .deletion import DeletionProfile
from .foundation import Foundation, create_foundation, foundation_references
from .kubernetes.argocd.clusters import ArgoCluster
from .kubernetes.argocd.credentials import SshKey
from .kubernetes.argocd.repositories import ArgoRepository
from .kubernetes.cluster_secret_store import StoreCondition
from .kubernetes.operator import ChartSource
from .kubernetes.team_stores import TeamStores, TeamStoresArgs
from .sealed_secrets.controller import SealedSecrets, SealedSecretsArgs
from .teams import SHARED

CreateCluster = Callable[[str, ClusterEncryption, pulumi.ResourceOptions], ClusterRef]
"""Makes the cluster: gets a name for its resources, what encrypts it, and the options that its resources must have."""


@dataclass(frozen=True, kw_only=True)
class SecretsBootstrapArgs(Arguments):
    """Arguments of SecretsBootstrap.

    names: the environment's names.
    environment: its configuration, parsed and checked; of the same place as the names.
    create_cluster: makes the cluster once its encryption is there; called while the component is built.
    operator_environment: extra environment variables of the operator, no credentials; default none.
    chart: where the operator's chart comes from; default the configuration's.
    foundation: the environment's foundation if another stack made it; default none: it is created.
    """

    names: Names
    environment: EnvironmentConfig
    create_cluster: CreateCluster
    operator_environment: Mapping[str, str] = field(default_factory=dict[str, str])
    chart: ChartSource | None = None
    foundation: Foundation | None = None


class SecretsBootstrap(pulumi.ComponentResource):
    """An environment, from nothing to its first synced secret, on the backend that its configuration names.

    Creates:
    - the backend's foundation, such as AwsFoundation, unless it is given one;
    - the cluster, by `create_cluster`;
    - the operator's identity, such as AwsIrsaIdentity;
    - ClusterBootstrap;
    - with teams, the identity of each, such as AwsTeamIdentity, and TeamStores;
    - with `sealedSecrets`, SealedSecrets, as soon as its namespaces are there.

    Outputs:
    - `foundation`: keys, containers and what encrypts the cluster (Foundation).
    - `cluster`: the cluster that `create_cluster` made (ClusterRef).
    - `identity`: who the operator is (IdentityRef).
    - `bootstrap`: what was made in the cluster (ClusterBootstrap).
    - `team_identities`: who the teams' stores are, and pods with their service account, by namespace (IdentityRef).
    - `team_stores`: the teams' stores (TeamStores); None without teams.
    - `sealed_secrets`: Sealed Secrets beside the manager (SealedSecrets); None without `sealedSecrets`.
    - `references`: what a stack may export: names, ids and public keys, never a value.

    Raises ConfigError for whatever one of the components that it creates refuses.
    """

    foundation: Foundation
    cluster: ClusterRef
    identity: IdentityRef
    bootstrap: ClusterBootstrap
    team_identities: Mapping[str, IdentityRef]
    team_stores: TeamStores | None
    sealed_secrets: SealedSecrets | None
    references: Mapping[str, Any]

    def __init__(self, name: str, args: SecretsBootstrapArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # An environment that moves to a manager keeps its cluster, its namespaces and its Sealed Secrets.
        before = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="secrets-bootstrap:index:SealedBootstrap")])
        opts = pulumi.ResourceOptions.merge(before, opts)
        super().__init__("secrets-bootstrap:index:SecretsBootstrap", name, None, opts)
        environment, children = args.environment, pulumi.ResourceOptions(parent=self)

        self.foundation = args.foundation or create_foundation(f"{name}-foundation", args.names, environment, children)
        self.cluster = args.create_cluster(
            f"{name}-cluster",
            self.foundation.encryption,
            pulumi.ResourceOptions(parent=self, depends_on=self.foundation.gates),
        )
        self.identity = self.foundation.identify(f"{name}-identity", self.cluster, children)
        self.bootstrap = ClusterBootstrap(
            f"{name}-bootstrap",
            ClusterBootstrapArgs(
                store=self.foundation.store,
                canary=self.foundation.canary,
                identity=self.identity,
                store_name=environment.store.name or args.names.environment,
                existing_store=environment.store.existing,
                conditions=_conditions(environment),
                namespaces=[*environment.namespaces, *environment.team_namespaces],
                operator=_operator(args),
                first_sync=FirstSyncSettings(
                    namespace=environment.first_sync.namespace,
                    refresh_interval=environment.first_sync.refresh_interval,
                    timeout_seconds=environment.first_sync.timeout_seconds,
                ),
                argocd=_argocd(args, self.foundation, self.cluster.name),
            ),
            pulumi.ResourceOptions(
                parent=self, provider=self.cluster.provider, depends_on=[*self.foundation.gates, *self.cluster.gates]
            ),
        )
        scoped = self._scoped_identities(name, args)
        shared = next(iter(scoped.pop(SHARED, {}).values()), None)
        self.team_identities = {namespace: one for made in scoped.values() for namespace, one in made.items()}
        self.team_stores = self._team_stores(name, args, shared) if environment.teams else None
        sealed = environment.sealed_secrets
        self.sealed_secrets = self._sealed_secrets(name, sealed, environment.deletion_profile) if sealed else None
        self.references = self._references(args)
        self.register_outputs(dict(self.references))

    def _scoped_identities(self, name: str, args: SecretsBootstrapArgs) -> dict[str, Mapping[str, IdentityRef]]:
        """Who opens each scope of the environment's containers, by the scope's name and then by namespace."""
        children = pulumi.ResourceOptions(parent=self)
        return {
            scope.name: self.foundation.identify_team(
                f"{name}-{scope.name}-identity", scope, self.cluster, self.identity, children
            )
            for scope in args.environment.scopes
        }

    def _team_stores(self, name: str, args: SecretsBootstrapArgs, shared_identity: IdentityRef | None) -> TeamStores:
        environment = args.environment
        store_args = TeamStoresArgs(
            teams=parsed(environment.teams),
            store=self.foundation.store,
            identities=self.team_identities,
            shared_prefixes=environment.shared_prefixes,
            shared_identity=shared_identity,
            containers=environment.secret_names(),
            operator=environment.operator_account,
            after=[self.bootstrap],
        )
        return TeamStores(
            f"{name}-teams", store_args, pulumi.ResourceOptions(parent=self, provider=self.cluster.provider)
        )

    def _sealed_secrets(self, name: str, sealed: SealedSecretsConfig, profile: DeletionProfile) -> SealedSecrets:
        arguments = SealedSecretsArgs.configured(sealed, profile, self.bootstrap.namespaces, self.cluster)
        own = pulumi.ResourceOptions(parent=self, provider=self.cluster.provider)
        return SealedSecrets(f"{name}-sealed-secrets", arguments, own)

    def _references(self, args: SecretsBootstrapArgs) -> dict[str, Any]:
        argocd = self.bootstrap.argocd
        account = self.identity.service_account
        references: dict[str, Any] = {
            **foundation_references(self.foundation),
            "backend": args.environment.backend,
            "canarySecret": self.foundation.canary.remote_key,
            "identityKind": str(self.identity.kind),
            self.foundation.principal_output: self.identity.principal,
            "serviceAccount": {"namespace": account.namespace, "name": account.name},
            "operatorNamespace": args.environment.operator.namespace,
            "storeName": self.bootstrap.store_name,
            "canary": {"namespace": self.bootstrap.first_sync.namespace, "name": self.bootstrap.first_sync.secret_name},
            "clusterName": self.cluster.name,
            "issuerUrl": self.cluster.issuer_url,
        }
        if argocd is not None and args.environment.argocd is not None:
            repository = args.environment.argocd.repository.name
            references["argocd"] = {
                "namespace": args.environment.argocd.namespace,
                "repositorySecret": argocd.repository_secrets[repository],
            }
            if repository in self.bootstrap.deploy_public_keys:
                references["deployPublicKey"] = self.bootstrap.deploy_public_keys[repository]
        if self.sealed_secrets is not None:
            references["sealedSecrets"] = self.sealed_secrets.references
        if self.team_stores is not None:
            estimate = self.team_stores.estimate
            references["refreshEstimate"] = {
                team: {"callsAMonth": calls, "dollarsAMonth": round(estimate.dollars[team], 2)}
                for team, calls in estimate.calls.items()
            }
        return references


def _conditions(environment: EnvironmentConfig) -> list[StoreCondition]:
    return [
        StoreCondition(
            namespaces=one.namespaces,
            namespace_selector=one.namespace_selector,
            namespace_regexes=one.namespace_regexes,
        )
        for one in environment.store.conditions
    ]


def _operator(args: SecretsBootstrapArgs) -> OperatorSettings:
    operator = args.environment.operator
    return OperatorSettings(
        service_account=args.environment.operator_account,
        existing=operator.existing,
        grant_permissions=operator.grant_permissions,
        chart=args.chart or ChartSource(chart=operator.chart, repository=operator.repository, version=operator.version),
        webhook=operator.webhook,
        environment=args.operator_environment,
        timeout_seconds=operator.timeout_seconds,
    )


def _argocd(args: SecretsBootstrapArgs, foundation: Foundation, cluster: str) -> ArgoCdSettings | None:
    argocd, secret = args.environment.argocd, args.environment.deploy_key_secret
    if argocd is None or secret is None:
        return None
    name, generated = argocd.repository.name, foundation.generated_key
    stated = SshKey(remote_key=args.names.secret_name(secret), property=foundation.store.property)
    repository = ArgoRepository(url=argocd.repository.url, credential=None if generated else stated)
    return ArgoCdSettings(
        namespace=argocd.namespace,
        create_namespace=argocd.create_namespace,
        repositories={name: repository},
        generated_keys={name: generated} if generated else {},
        clusters={cluster: ArgoCluster()},
    )
