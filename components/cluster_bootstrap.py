"""Phase two of an environment: from a running cluster to its first synced secret. It knows no cloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes

from .arguments import Arguments
from .contracts import OPERATOR_ACCOUNT, CanaryRef, IdentityRef, ServiceAccountRef, StoreRef
from .kubernetes.argocd import ArgoCdSecrets, ArgoCdSecretsArgs, ArgoCluster, ArgoRepository
from .kubernetes.cluster_secret_store import ClusterSecretStore, ClusterSecretStoreArgs, StoreCondition
from .kubernetes.first_sync import FirstSync, FirstSyncArgs
from .kubernetes.operator import OFFICIAL_CHART, ChartSource, ExternalSecretsOperator, ExternalSecretsOperatorArgs


@dataclass(frozen=True, kw_only=True)
class OperatorSettings:
    """How the operator runs: see ExternalSecretsOperatorArgs."""

    service_account: ServiceAccountRef = OPERATOR_ACCOUNT
    chart: ChartSource = OFFICIAL_CHART
    webhook: bool = True
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout_seconds: int = 300


@dataclass(frozen=True, kw_only=True)
class FirstSyncSettings:
    """How the first sync runs: see FirstSyncArgs."""

    namespace: str = "secrets-bootstrap"
    refresh_interval: str = "1h"
    timeout_seconds: int = 300


@dataclass(frozen=True, kw_only=True)
class ArgoCdSettings:
    """Argo CD's namespace, whether it is created here, and what it is given: see ArgoCdSecretsArgs."""

    namespace: str = "argocd"
    create_namespace: bool = True
    repositories: Mapping[str, ArgoRepository] = field(default_factory=dict[str, ArgoRepository])
    clusters: Mapping[str, ArgoCluster] = field(default_factory=dict[str, ArgoCluster])


@dataclass(frozen=True, kw_only=True)
class ClusterBootstrapArgs(Arguments):
    """Arguments of ClusterBootstrap.

    store, canary: the manager and the container for the first sync, from the foundation. identity: who the operator is.
    store_name: name of the ClusterSecretStore. existing_store: adopt the one of this name. Default false.
    conditions: which of your namespaces may use the store; at least one (its own namespaces are added).
    namespaces: your namespaces, created here. operator, first_sync: settings. argocd: Default none.
    """

    store: StoreRef
    canary: CanaryRef
    identity: IdentityRef
    store_name: str
    conditions: Sequence[StoreCondition]
    namespaces: Sequence[str] = ()
    existing_store: bool = False
    operator: OperatorSettings = OperatorSettings()
    first_sync: FirstSyncSettings = FirstSyncSettings()
    argocd: ArgoCdSettings | None = None

    def __post_init__(self) -> None:
        self.require(
            bool(self.conditions), "conditions", "is empty, so every namespace could use the store", "name at least one"
        )


class ClusterBootstrap(pulumi.ComponentResource):
    """Operator → store → first sync → Argo CD. Give it the cluster's provider in `opts.provider`.

    Creates the namespaces, ExternalSecretsOperator, ClusterSecretStore (unless adopted), FirstSync and ArgoCdSecrets.
    Outputs: `store_name`, `first_sync`, `argocd`, `gates`. Raises ConfigError without conditions or for impossible
    pairs.
    """

    store_name: str
    first_sync: FirstSync
    argocd: ArgoCdSecrets | None
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ClusterBootstrapArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:ClusterBootstrap", name, None, opts)
        children = pulumi.ResourceOptions(parent=self)
        own = _own_namespaces(args)
        namespaces = {one: self._namespace(name, one) if made else None for one, made in own.items()}
        namespaces |= {one: self._namespace(name, one) for one in args.namespaces if one not in own}

        operator = ExternalSecretsOperator(
            f"{name}-operator",
            ExternalSecretsOperatorArgs(
                identity=args.identity,
                namespaces=namespaces,
                service_account=args.operator.service_account,
                chart=args.operator.chart,
                webhook=args.operator.webhook,
                environment=args.operator.environment,
                timeout_seconds=args.operator.timeout_seconds,
            ),
            children,
        )
        ready: Sequence[pulumi.Resource] = operator.gates
        if not args.existing_store:
            store = ClusterSecretStore(
                f"{name}-store",
                ClusterSecretStoreArgs(
                    store_name=args.store_name,
                    store=args.store,
                    identity=args.identity,
                    conditions=[*args.conditions, StoreCondition(namespaces=sorted(own))],
                    after=operator.gates,
                ),
                children,
            )
            ready = [*operator.gates, *store.gates]
        self.store_name = args.store_name
        self.first_sync = FirstSync(
            f"{name}-first-sync",
            FirstSyncArgs(
                namespace=args.first_sync.namespace,
                store_name=args.store_name,
                canary=args.canary,
                refresh_interval=args.first_sync.refresh_interval,
                timeout_seconds=args.first_sync.timeout_seconds,
                after=ready,
            ),
            children,
        )
        self.argocd = self._argocd(f"{name}-argocd", args, [*ready, *self.first_sync.gates]) if args.argocd else None
        self.gates = [*self.first_sync.gates, *(self.argocd.gates if self.argocd else ())]
        self.register_outputs({"storeName": self.store_name})

    def _namespace(self, name: str, namespace: str) -> pulumi.Resource:
        return kubernetes.core.v1.Namespace(
            f"{name}-namespace-{namespace}", metadata={"name": namespace}, opts=pulumi.ResourceOptions(parent=self)
        )

    def _argocd(self, name: str, args: ClusterBootstrapArgs, after: Sequence[pulumi.Resource]) -> ArgoCdSecrets:
        settings = args.argocd or ArgoCdSettings()
        return ArgoCdSecrets(
            name,
            ArgoCdSecretsArgs(
                namespace=settings.namespace,
                store_name=args.store_name,
                repositories=settings.repositories,
                clusters=settings.clusters,
                after=after,
            ),
            pulumi.ResourceOptions(parent=self),
        )


def _own_namespaces(args: ClusterBootstrapArgs) -> dict[str, bool]:
    """Namespaces of the program's own objects, and whether they are created here."""
    own = {args.first_sync.namespace: True}
    if args.argocd is not None:
        own[args.argocd.namespace] = args.argocd.create_namespace
    return own
