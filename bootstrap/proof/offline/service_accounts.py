"""The service accounts of each cluster that a manager may be shown a token of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.policy_pack.rules.resource import Seen
from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.teams import Scope, scopes

STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
CLUSTER_BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
OPERATOR = "operator"
_NAMESPACED_STORE = "kubernetes:external-secrets.io/v1:SecretStore"
_WATCHER = "external-secrets-watcher"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A service account of an environment's cluster."""

    environment: str
    namespace: str
    name: str

    @property
    def subject(self) -> str:
        """Its `sub` in tokens, and its name as a Kubernetes user."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name} of {self.environment}"


def operators(documents: Documents) -> dict[str, Account]:
    """The service account that runs the operator in each environment's cluster, as its roles are bound to it."""
    return {
        owner: Account(environment=owner, namespace=subject["namespace"], name=subject["name"])
        for owner, binding in documents.owned(CLUSTER_BINDING)
        if binding.at("metadata", "name") == _WATCHER
        for subject in binding.at("subjects")
    }


def presented(documents: Documents) -> dict[str, Account]:
    """Whose token each environment's store presents: the account that it names, or the operator's own."""
    accounts = operators(documents)
    for owner, store in own_stores(documents):
        for named in _below(store.at("spec", "provider"), "serviceAccountRef"):
            namespace = named.get("namespace") or accounts[owner].namespace
            accounts[owner] = Account(environment=owner, namespace=namespace, name=named["name"])
    return accounts


def own_stores(documents: Documents) -> list[tuple[str, Seen]]:
    """The environments' own ClusterSecretStores, without those that teams share."""
    of_teams = {(one.environment, one.store) for one in scopes(documents) if one.shared}
    return [
        (owner, one) for owner, one in documents.owned(STORE) if (owner, one.at("metadata", "name")) not in of_teams
    ]


def rightful(documents: Documents) -> dict[Account, str]:
    """Each account whose tokens open something, with what it is to be: `operator`, or a team's role."""
    accounts = dict.fromkeys(presented(documents).values(), OPERATOR)
    for scope in scopes(documents):
        accounts.update(dict.fromkeys(_of_scope(documents, scope), scope.role))
    return accounts


def _of_scope(documents: Documents, scope: Scope) -> Iterator[Account]:
    """Whose tokens a scope's stores present. A SecretStore takes accounts of its own namespace alone."""
    for owner, store in documents.owned(STORE if scope.shared else _NAMESPACED_STORE):
        namespace = store.at("metadata", "namespace")
        if (owner, store.at("metadata", "name")) != (scope.environment, scope.store):
            continue
        if scope.shared or namespace in scope.namespaces:
            for named in _below(store.at("spec", "provider"), "serviceAccountRef"):
                yield Account(environment=owner, namespace=namespace or named["namespace"], name=named["name"])


def asking(documents: Documents) -> list[Account]:
    """Every account that is asked about: the rightful ones, strangers to each, and the operators' own."""
    found = rightful(documents)
    others = [other for account in found for other in strangers(account)]
    return list(dict.fromkeys([*found, *others, *operators(documents).values()]))


def audience(documents: Documents, environment: str) -> str:
    """What the tokens are meant for that the environment's store presents: the first that it asks for."""
    stores = [store.at("spec", "provider") for owner, store in documents.owned(STORE) if owner == environment]
    return next(one[0] for store in stores for one in _below(store, "audiences"))


def strangers(account: Account) -> list[Account]:
    """Accounts beside the rightful one: of its namespace, and of its name in another namespace."""
    return [
        Account(environment=account.environment, namespace=account.namespace, name="default"),
        Account(environment=account.environment, namespace="default", name=account.name),
    ]


def _below(value: Any, wanted: str) -> Iterator[Any]:
    """Every value of a key, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == wanted:
                yield inner
            yield from _below(inner, wanted)
