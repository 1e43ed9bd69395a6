"""Phase two of an environment: from a running cluster to its first synced secret. It knows no cloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi
import pulumi_kubernetes as kubernetes

from .arguments import Arguments
from .contracts import OPERATOR_ACCOUNT, CanaryRef, IdentityRef, ServiceAccountRef, StoreRef
from .kubernetes.argocd.clusters import ArgoCluster
from .kubernetes.argocd.generated_key import GeneratedDeployKey, GeneratedDeployKeyArgs
from .kubernetes.argocd.repositories import ArgoCredentialTemplate, ArgoRepository
from .kubernetes.argocd.secrets import ArgoCdSecrets, ArgoCdSecretsArgs
from .kubernetes.cluster_secret_store import ClusterSecretStore, ClusterSecretStoreArgs, StoreCondition
from .kubernetes.first_sync import FirstSync, FirstSyncArgs
from .kubernetes.operator import OFFICIAL_CHART, ChartSource, ExternalSecretsOperator, ExternalSecretsOperatorArgs


@dataclass(frozen=True, kw_only=True)
class OperatorSettings(Arguments):
    """How the operator runs. Each field is the one of ExternalSecretsOperatorArgs.

    service_account: the controller's own; default external-secrets/external-secrets.
    existing: whether the operator is there already and is used as it is; default false.
    grant_permissions: whether an existing operator gets the roles that one installed here has; default false.
    chart: where the chart comes from; default the project's repository, version 0.20.4.
    webhook: whether its validating webhook runs; default true.
    environment: extra environment variables of the controller, no credentials; default none.
    timeout_seconds: how long its pods may take to be ready; seconds, 30 to 3600; default 300.
    """

    service_account: ServiceAccountRef = OPERATOR_ACCOUNT
    existing: bool = False
    grant_permissions: bool = False
    chart: ChartSource = OFFICIAL_CHART
    webhook: bool = True
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout_seconds: int = 300


@dataclass(frozen=True, kw_only=True)
class FirstSyncSettings(Arguments):
    """How the first sync runs. Each field is the one of FirstSyncArgs.

    namespace: where its objects live, created here; default secrets-bootstrap.
    refresh_interval: how often the canary is read again; a number and s, m or h; default 1h.
    timeout_seconds: how long each step may take; seconds, 10 to 3600; default 300.
    """

    namespace: str = "secrets-bootstrap"
    refresh_interval: str = "1h"
    timeout_seconds: int = 300


@dataclass(frozen=True, kw_only=True)
class ArgoCdSettings(Arguments):
    """What Argo CD is given. `repositories`, `templates` and `clusters` are those of ArgoCdSecretsArgs.

    Each repository in `generated_keys` is read with the key that is made for it; its own `credential` is not given.

    namespace: Argo CD's; default argocd.
    create_namespace: whether it is created here; default true.
    repositories: what Argo CD reads, by name; default none.
    generated_keys: containers of keys that are made in the cluster, by the repository's name; default none.
    templates: credentials for many repositories, by name; default none.
    clusters: what Argo CD deploys to, by name; default none.
    """

    namespace: str = "argocd"
    create_namespace: bool = True
    repositories: Mapping[str, ArgoRepository] = field(default_factory=dict[str, ArgoRepository])
    generated_keys: Mapping[str, CanaryRef] = field(default_factory=dict[str, CanaryRef])
    templates: Mapping[str, ArgoCredentialTemplate] = field(default_factory=dict[str, ArgoCredentialTemplate])
    clusters: Mapping[str, ArgoCluster] = field(default_factory=dict[str, ArgoCluster])


@dataclass(frozen=True, kw_only=True)
class ClusterBootstrapArgs(Arguments):
    """Arguments of ClusterBootstrap.

    store: the manager, from the foundation.
    canary: the container for the first sync, from the foundation.
    identity: who the operator is.
    store_name: the name of the ClusterSecretStore.
    conditions: which of your namespaces may use the store; at least one (its own namespaces are added).
    namespaces: your namespaces, created here; default none.
    existing_store: whether the store of this name is there already and is used as it is; default false.
    operator: how the operator runs; default OperatorSettings().
    first_sync: how the first sync runs; default FirstSyncSettings().
    argocd: what Argo CD is given; default none.
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
        # The children's own rules, before the first of them is registered.
        _operator_args(self, dict.fromkeys([*self.namespaces, *_own_namespaces(self)]))
        _store_args(self, ())
        _first_sync_args(self, ())
        if self.argocd is not None:
            self._require_generated(self.argocd)
            _argocd_args(self, self.argocd, {}, ())

    def _require_generated(self, argocd: ArgoCdSettings) -> None:
        for name, container in argocd.generated_keys.items():
            field_name = f"argocd.generated_keys.{name}"
            repository = argocd.repositories.get(name)
            self.require(repository is not None, field_name, "is none of the repositories", "name one of them")
            self.require(
                repository is None or repository.credential is None,
                field_name,
                "is the key of a repository that has a credential already",
                "leave one of them out",
            )
            _key_args(self, argocd, name, container, ())


class ClusterBootstrap(pulumi.ComponentResource):
    """Phase two of an environment: operator → store → first sync → Argo CD.

    Give it the cluster's provider in `opts.provider`.

    Creates:
    - the namespaces;
    - ExternalSecretsOperator;
    - ClusterSecretStore, unless one is adopted;
    - FirstSync;
    - GeneratedDeployKey for each of `argocd.generated_keys`;
    - ArgoCdSecrets, with `argocd`.

    Outputs:
    - `store_name`: the name of the ClusterSecretStore.
    - `first_sync`: the first sync (FirstSync).
    - `argocd`: Argo CD's secrets (ArgoCdSecrets); None without `argocd`.
    - `namespaces`: what creates each namespace that is created here, by its name.
    - `deploy_public_keys`: the public halves of the keys that were made in the cluster, by repository.
    - `gates`: the end of the first sync, and Argo CD's secrets.

    Raises ConfigError without conditions, and for whatever one of the components that it creates refuses.
    """

    store_name: str
    first_sync: FirstSync
    argocd: ArgoCdSecrets | None
    namespaces: Mapping[str, pulumi.Resource]
    deploy_public_keys: Mapping[str, pulumi.Output[str]]
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ClusterBootstrapArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:ClusterBootstrap", name, None, opts)
        children = pulumi.ResourceOptions(parent=self)
        own = _own_namespaces(args)
        namespaces = {one: self._namespace(name, one) if made else None for one, made in own.items()}
        namespaces |= {one: self._namespace(name, one) for one in args.namespaces if one not in own}
        self.namespaces = {one: maker for one, maker in namespaces.items() if maker is not None}

        operator = ExternalSecretsOperator(
            f"{name}-operator",
            _operator_args(args, namespaces),
            children,
        )
        ready: Sequence[pulumi.Resource] = operator.gates
        if not args.existing_store:
            store = ClusterSecretStore(f"{name}-store", _store_args(args, operator.gates), children)
            ready = [*operator.gates, *store.gates]
        self.store_name = args.store_name
        self.first_sync = FirstSync(f"{name}-first-sync", _first_sync_args(args, ready), children)
        self.argocd, self.deploy_public_keys = None, {}
        if args.argocd is not None:
            ready = [*ready, *self.first_sync.gates]
            keys = {
                key: GeneratedDeployKey(
                    f"{name}-deploy-key-{key}", _key_args(args, args.argocd, key, container, ready), children
                )
                for key, container in args.argocd.generated_keys.items()
            }
            self.deploy_public_keys = {key: made.public_key for key, made in keys.items()}
            argocd_args = _argocd_args(args, args.argocd, keys, ready)
            self.argocd = ArgoCdSecrets(f"{name}-argocd", argocd_args, children)
        self.gates = [*self.first_sync.gates, *(self.argocd.gates if self.argocd else ())]
        self.register_outputs({"storeName": self.store_name})

    def _namespace(self, name: str, namespace: str) -> pulumi.Resource:
        return kubernetes.core.v1.Namespace(
            f"{name}-namespace-{namespace}", metadata={"name": namespace}, opts=pulumi.ResourceOptions(parent=self)
        )


def _own_namespaces(args: ClusterBootstrapArgs) -> dict[str, bool]:
    """Namespaces of the program's own objects, and whether they are created here."""
    own = {args.first_sync.namespace: True}
    if args.argocd is not None:
        own[args.argocd.namespace] = args.argocd.create_namespace
    return own


def _operator_args(
    args: ClusterBootstrapArgs, namespaces: Mapping[str, pulumi.Resource | None]
) -> ExternalSecretsOperatorArgs:
    return ExternalSecretsOperatorArgs(
        identity=args.identity,
        namespaces=namespaces,
        service_account=args.operator.service_account,
        existing=args.operator.existing,
        grant_permissions=args.operator.grant_permissions,
        chart=args.operator.chart,
        webhook=args.operator.webhook,
        environment=args.operator.environment,
        timeout_seconds=args.operator.timeout_seconds,
    )


def _store_args(args: ClusterBootstrapArgs, after: Sequence[pulumi.Resource]) -> ClusterSecretStoreArgs:
    return ClusterSecretStoreArgs(
        store_name=args.store_name,
        store=args.store,
        identity=args.identity,
        conditions=[*args.conditions, StoreCondition(namespaces=sorted(_own_namespaces(args)))],
        after=after,
    )


def _first_sync_args(args: ClusterBootstrapArgs, after: Sequence[pulumi.Resource]) -> FirstSyncArgs:
    return FirstSyncArgs(
        namespace=args.first_sync.namespace,
        store_name=args.store_name,
        canary=args.canary,
        refresh_interval=args.first_sync.refresh_interval,
        timeout_seconds=args.first_sync.timeout_seconds,
        after=after,
    )


def _key_args(
    args: ClusterBootstrapArgs,
    settings: ArgoCdSettings,
    name: str,
    container: CanaryRef,
    after: Sequence[pulumi.Resource],
) -> GeneratedDeployKeyArgs:
    return GeneratedDeployKeyArgs(
        key_name=name, namespace=settings.namespace, store_name=args.store_name, container=container, after=after
    )


def _argocd_args(
    args: ClusterBootstrapArgs,
    settings: ArgoCdSettings,
    keys: Mapping[str, GeneratedDeployKey],
    after: Sequence[pulumi.Resource],
) -> ArgoCdSecretsArgs:
    generated = {name: replace(settings.repositories[name], credential=key.credential) for name, key in keys.items()}
    return ArgoCdSecretsArgs(
        namespace=settings.namespace,
        store_name=args.store_name,
        repositories={**settings.repositories, **generated},
        templates=settings.templates,
        clusters=settings.clusters,
        after=[*after, *(gate for key in keys.values() for gate in key.gates)],
    )
