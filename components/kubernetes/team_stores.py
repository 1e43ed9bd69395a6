"""Stores of teams: a SecretStore in each of a team's namespaces, a shared one, and quotas on what they may ask."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from ..arguments import Arguments
from ..contracts import OPERATOR_ACCOUNT, IdentityRef, ServiceAccountRef, StoreRef
from ..forms import DNS_SUBDOMAIN
from ..refresh_cost import ManagerPrices, RefreshEstimate, manager_prices
from ..teams import SHARED, Team, team_problems, teams_estimate
from .cluster_secret_store import ClusterSecretStore, ClusterSecretStoreArgs, StoreCondition
from .namespace_secret_store import NamespaceSecretStore, NamespaceSecretStoreArgs
from .operator_rbac import review_grant, token_grant
from .refresh_limit import RefreshLimit, RefreshLimitArgs

_QUOTA = "external-secrets"


@dataclass(frozen=True, kw_only=True)
class TeamStoresArgs(Arguments):
    """Arguments of TeamStores.

    teams: the teams by name; at least one.
    store: the manager.
    identities: who opens it for each namespace of the teams, by namespace; each presents a token of a service account
        there.
    shared_prefixes: how the names of the containers begin that all teams share; default none.
    shared_identity: who opens those, with a service account in the operator's namespace; default none: no shared store.
    containers: the declared names of the containers, for the estimate; default none.
    prices: the manager's prices, for the estimate; default those of `manager_prices`.
    store_name: the name of each team's store in its namespaces; default team.
    shared_store_name: the name of the ClusterSecretStore; default shared.
    operator: the operator's own service account; default external-secrets/external-secrets.
    after: what must be ready before, such as the operator and the namespaces; default none.
    timeout_seconds: how long each store may take to be ready; seconds, 10 to 3600; default 300.
    """

    teams: Mapping[str, Team]
    store: StoreRef
    identities: Mapping[str, IdentityRef]
    shared_prefixes: Sequence[str] = ()
    shared_identity: IdentityRef | None = None
    containers: Collection[str] = ()
    prices: ManagerPrices | None = None
    store_name: str = "team"
    shared_store_name: str = SHARED
    operator: ServiceAccountRef = OPERATOR_ACCOUNT
    after: Sequence[pulumi.Resource] = ()
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        self.require(bool(self.teams), "teams", "is empty", "name at least one")
        for field, reason, mend in team_problems(self.teams, self.shared_prefixes):
            self.require(False, field, reason, mend)
        self.require_form("store_name", self.store_name, DNS_SUBDOMAIN)
        self.require_form("shared_store_name", self.shared_store_name, DNS_SUBDOMAIN)
        self.require_timeout(self.timeout_seconds)
        self.require(
            set(self.identities) == set(self.namespaces),
            "identities",
            "are not those of the teams' namespaces, one for each",
            "give what the backend made of `team_scopes`",
        )
        for namespace, identity in self.identities.items():
            self._require_own(f"identities.{namespace}", identity, namespace)
        self.require(
            (self.shared_identity is None) == (not self.shared_prefixes),
            "shared_identity",
            "goes with shared_prefixes: one of them is missing",
            "give both or none",
        )
        if self.shared_identity is not None:
            self._require_own("shared_identity", self.shared_identity, self.operator.namespace)
        for namespace in self.namespaces:
            self.in_namespace(namespace, ())
        self.estimate()

    def _require_own(self, field: str, identity: IdentityRef, namespace: str) -> None:
        self.require(
            identity.presents_token,
            field,
            "is the operator's own: whoever can use it opens the whole environment",
            "use an identity that presents a token of a service account of its own",
        )
        self.require(
            identity.service_account.namespace == namespace,
            f"{field}.service_account.namespace",
            "is not the namespace that it is given for",
            "give what the backend made of `team_scopes`",
        )

    @property
    def namespaces(self) -> Sequence[str]:
        """Of all teams."""
        return [namespace for team in self.teams.values() for namespace in team.namespaces]

    def in_namespace(self, namespace: str, after: Sequence[pulumi.Resource]) -> NamespaceSecretStoreArgs:
        """The store of one namespace."""
        return NamespaceSecretStoreArgs(
            namespace=namespace,
            store_name=self.store_name,
            store=self.store,
            identity=self.identities[namespace],
            operator=self.operator,
            after=after,
            timeout_seconds=self.timeout_seconds,
        )

    def estimate(self) -> RefreshEstimate:
        """The most that refreshing costs a month."""
        prices = self.prices or manager_prices(self.store.backend)
        return teams_estimate(self.teams, prices, shared_prefixes=self.shared_prefixes, containers=self.containers)


class TeamStores(pulumi.ComponentResource):
    """A store of its own for each namespace of each team, one that all share, and what they may ask of the manager.

    Which secrets a store opens is limited in the manager, by the identity. A preview says what it costs at most.

    Creates, for each team:
    - in each of its namespaces the service account that the identity trusts, with its annotations, NamespaceSecretStore
      and a ResourceQuota of ExternalSecrets;
    - RefreshLimit `external-secrets-refresh-<team>`.

    With `shared_prefixes`:
    - a service account in the operator's namespace, by which the operator opens what is shared, and leave to mint its
      tokens;
    - ClusterSecretStore, whose conditions name the teams' namespaces and no others.

    Outputs:
    - `estimate`: calls and US dollars a month, by team, at most (RefreshEstimate).
    - `gates`: the stores.

    Raises ConfigError for a namespace, prefix or name that two teams have or that is none of theirs, for identities
    that are missing or not the namespace's own, and for a manager without prices.
    Sources: external-secrets, "SecretStore" and "ClusterSecretStore"; Kubernetes, "Resource Quotas" (`count/`).
    """

    estimate: RefreshEstimate
    gates: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: TeamStoresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets-bootstrap:index:TeamStores", name, None, opts)
        self._name, self._args = name, args
        self.estimate = args.estimate()
        pulumi.log.info(f"refreshing costs at most, by team:\n{self.estimate.text()}", self)
        gates: list[pulumi.Resource] = []
        for team, one in args.teams.items():
            for namespace in one.namespaces:
                gates += self._in_namespace(namespace, one)
            RefreshLimit(
                f"{name}-refresh-{team}",
                RefreshLimitArgs(
                    minimum_interval=one.refresh.minimum_interval,
                    namespaces=one.namespaces,
                    limit_name=f"external-secrets-refresh-{team}",
                ),
                pulumi.ResourceOptions(parent=self),
            )
        if args.shared_identity is not None:
            gates += self._shared(args.shared_identity)
        self.gates = gates
        self.register_outputs(
            {
                "callsAMonth": dict(self.estimate.calls),
                "dollarsAMonth": dict(self.estimate.dollars),
                # Which team is where, and what belongs to it, for who reads the state (`prove`).
                "teams": {
                    team: {"namespaces": list(one.namespaces), "prefixes": list(one.prefixes)}
                    for team, one in args.teams.items()
                },
                "storeName": args.store_name,
                "sharedPrefixes": list(args.shared_prefixes),
                "sharedStore": args.shared_store_name if args.shared_prefixes else None,
            }
        )

    def _in_namespace(self, namespace: str, team: Team) -> Sequence[pulumi.Resource]:
        args, name = self._args, f"{self._name}-store-{namespace}"
        account = self._account(f"{name}-account", args.identities[namespace])
        kubernetes.core.v1.ResourceQuota(
            f"{name}-quota",
            metadata={"name": _QUOTA, "namespace": namespace},
            spec={"hard": {"count/externalsecrets.external-secrets.io": str(team.refresh.external_secrets)}},
            opts=self._after(),
        )
        store_args = args.in_namespace(namespace, [*args.after, account])
        return NamespaceSecretStore(name, store_args, pulumi.ResourceOptions(parent=self)).gates

    def _shared(self, identity: IdentityRef) -> Sequence[pulumi.Resource]:
        args, name = self._args, f"{self._name}-shared"
        granted: list[pulumi.Resource] = [self._account(f"{name}-account", identity)]
        granted += token_grant(
            f"{name}-token",
            role_name=f"external-secrets-token-{args.shared_store_name}",
            account=args.operator,
            target=identity.service_account,
            opts=self._after(),
        )
        if identity.reviews_token:
            granted += review_grant(
                f"{name}-review",
                role_name=f"external-secrets-review-{args.shared_store_name}",
                account=identity.service_account,
                opts=self._after(),
            )
        store_args = ClusterSecretStoreArgs(
            store_name=args.shared_store_name,
            store=args.store,
            identity=identity,
            conditions=[StoreCondition(namespaces=args.namespaces)],
            after=[*args.after, *granted],
            timeout_seconds=args.timeout_seconds,
        )
        return ClusterSecretStore(name, store_args, pulumi.ResourceOptions(parent=self)).gates

    def _account(self, name: str, identity: IdentityRef) -> pulumi.Resource:
        account = identity.service_account
        return kubernetes.core.v1.ServiceAccount(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=account.name,
                namespace=account.namespace,
                # The API server keeps no empty mapping, so one would be a difference in every refresh.
                annotations=identity.annotations or None,
            ),
            opts=self._after(),
        )

    def _after(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=self._args.after)
