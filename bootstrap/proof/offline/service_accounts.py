"""The service accounts of each cluster that a manager may be shown a token of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.proof.offline.documents import Documents

STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
CLUSTER_BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
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
    for owner, store in documents.owned(STORE):
        for named in _references(store.at("spec", "provider")):
            namespace = named.get("namespace") or accounts[owner].namespace
            accounts[owner] = Account(environment=owner, namespace=namespace, name=named["name"])
    return accounts


def strangers(account: Account) -> list[Account]:
    """Accounts beside the rightful one: of its namespace, and of its name in another namespace."""
    return [
        Account(environment=account.environment, namespace=account.namespace, name="default"),
        Account(environment=account.environment, namespace="default", name=account.name),
    ]


def _references(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "serviceAccountRef":
                yield inner
            else:
                yield from _references(inner)
