"""One environment, end to end: keys → secrets → encrypted cluster → identity → operator → first sync → Argo CD."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from .arguments import Arguments
from .aws.foundation import AwsFoundation, AwsFoundationArgs
from .aws.irsa import AwsIrsaIdentity, AwsIrsaIdentityArgs
from .aws.pod_identity import AwsPodIdentity, AwsPodIdentityArgs
from .cluster_bootstrap import (
    ArgoCdSettings,
    ClusterBootstrap,
    ClusterBootstrapArgs,
    FirstSyncSettings,
    OperatorSettings,
)
from .config import EnvironmentConfig
from .contracts import ClusterEncryption, ClusterRef, IdentityKind, IdentityRef, ServiceAccountRef
from .kubernetes.argocd import ArgoCluster, ArgoRepository
from .kubernetes.cluster_secret_store import StoreCondition
from .kubernetes.operator import ChartSource
from .naming import AwsNames

CreateCluster = Callable[[str, ClusterEncryption, pulumi.ResourceOptions], ClusterRef]
"""Makes the cluster: gets a name for its resources, what encrypts it, and the options that its resources must have."""


@dataclass(frozen=True, kw_only=True)
class SecretsBootstrapArgs(Arguments):
    """Arguments of SecretsBootstrap.

    names: the environment's names.
    environment: its configuration, parsed and checked; of the same account and region as the names.
    create_cluster: makes the cluster once its encryption is there; called while the component is built.
    operator_environment: extra environment variables of the operator, no credentials; default none.
    chart: where the operator's chart comes from; default the configuration's.
    """

    names: AwsNames
    environment: EnvironmentConfig
    create_cluster: CreateCluster
    operator_environment: Mapping[str, str] = field(default_factory=dict[str, str])
    chart: ChartSource | None = None


class SecretsBootstrap(pulumi.ComponentResource):
    """An environment on AWS, from nothing to its first synced secret.

    Creates:
    - AwsFoundation;
    - the cluster, by `create_cluster`;
    - AwsIrsaIdentity or AwsPodIdentity;
    - ClusterBootstrap.

    Outputs:
    - `foundation`: keys and containers (AwsFoundation).
    - `cluster`: the cluster that `create_cluster` made (ClusterRef).
    - `identity`: who the operator is (IdentityRef).
    - `bootstrap`: what was made in the cluster (ClusterBootstrap).
    - `references`: what a stack may export: names, ARNs and public keys, never a value.

    Raises ConfigError for whatever one of the components that it creates refuses.
    """

    foundation: AwsFoundation
    cluster: ClusterRef
    identity: IdentityRef
    bootstrap: ClusterBootstrap
    references: Mapping[str, Any]

    def __init__(self, name: str, args: SecretsBootstrapArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:SecretsBootstrap", name, None, opts)
        environment, children = args.environment, pulumi.ResourceOptions(parent=self)

        self.foundation = AwsFoundation(
            f"{name}-foundation", AwsFoundationArgs(names=args.names, environment=environment), children
        )
        self.cluster = args.create_cluster(
            f"{name}-cluster",
            self.foundation.encryption,
            pulumi.ResourceOptions(parent=self, depends_on=self.foundation.gates),
        )
        self.identity = self._identity(f"{name}-identity", args)
        self.bootstrap = ClusterBootstrap(
            f"{name}-bootstrap",
            ClusterBootstrapArgs(
                store=self.foundation.store,
                canary=self.foundation.canary,
                identity=self.identity,
                store_name=environment.store.name or args.names.environment,
                existing_store=environment.store.existing,
                conditions=_conditions(environment),
                namespaces=environment.namespaces,
                operator=_operator(args),
                first_sync=FirstSyncSettings(
                    namespace=environment.first_sync.namespace,
                    refresh_interval=environment.first_sync.refresh_interval,
                    timeout_seconds=environment.first_sync.timeout_seconds,
                ),
                argocd=_argocd(args, self.cluster.name),
            ),
            pulumi.ResourceOptions(
                parent=self, provider=self.cluster.provider, depends_on=[*self.foundation.gates, *self.cluster.gates]
            ),
        )
        self.references = self._references(args)
        self.register_outputs(dict(self.references))

    def _identity(self, name: str, args: SecretsBootstrapArgs) -> IdentityRef:
        chosen, opts = args.environment.identity, pulumi.ResourceOptions(parent=self)
        account = _operator_account(args.environment)
        if chosen.kind is IdentityKind.POD_IDENTITY:
            pod_args = AwsPodIdentityArgs(
                names=args.names, cluster=self.cluster, service_account=account, grant=self.foundation.grant
            )
            return AwsPodIdentity(name, pod_args, opts).identity
        if chosen.service_account_ref is not None:
            reference = chosen.service_account_ref
            account = ServiceAccountRef(namespace=reference.namespace, name=reference.name)
        irsa_args = AwsIrsaIdentityArgs(
            names=args.names,
            cluster=self.cluster,
            service_account=account,
            grant=self.foundation.grant,
            oidc_provider_arn=chosen.oidc_provider_arn,
        )
        return AwsIrsaIdentity(name, irsa_args, opts).identity

    def _references(self, args: SecretsBootstrapArgs) -> dict[str, Any]:
        keys, argocd = self.foundation.keys, self.bootstrap.argocd
        account = self.identity.service_account
        references: dict[str, Any] = {
            "region": args.names.region,
            "accountId": args.names.account_id,
            "secretsKeyArn": keys.secrets.id,
            "etcdKeyArn": keys.etcd.id,
            "tenantsKeyArn": keys.tenants.id,
            "secretPrefix": args.names.secret_prefix,
            "canarySecret": self.foundation.canary.remote_key,
            "identityKind": str(self.identity.kind),
            "identityRoleArn": self.identity.principal,
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
            references["deployPublicKey"] = self.foundation.deploy_public_key
        return references


def _operator_account(environment: EnvironmentConfig) -> ServiceAccountRef:
    return ServiceAccountRef(namespace=environment.operator.namespace, name=environment.operator.service_account)


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
        service_account=_operator_account(args.environment),
        chart=args.chart or ChartSource(chart=operator.chart, repository=operator.repository, version=operator.version),
        webhook=operator.webhook,
        environment=args.operator_environment,
        timeout_seconds=operator.timeout_seconds,
    )


def _argocd(args: SecretsBootstrapArgs, cluster: str) -> ArgoCdSettings | None:
    argocd, secret = args.environment.argocd, args.environment.deploy_key_secret
    if argocd is None or secret is None:
        return None
    remote_key = args.names.secret_name(secret)
    return ArgoCdSettings(
        namespace=argocd.namespace,
        create_namespace=argocd.create_namespace,
        repositories={argocd.repository.name: ArgoRepository(url=argocd.repository.url, remote_key=remote_key)},
        clusters={cluster: ArgoCluster()},
    )
