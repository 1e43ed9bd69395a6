"""Inside the clusters: roles and their bindings, and the conditions of the stores.

RBAC only ever adds: a request is allowed if a rule of a bound role names its verb, group, resource and, where the rule
has any, name (Kubernetes, "Using RBAC Authorization"; `k8s.io/kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import (
    CLUSTER_BINDING,
    OPERATOR,
    STORE,
    Account,
    operators,
    own_stores,
    rightful,
)
from bootstrap.proof.offline.teams import scopes

_RBAC = "kubernetes:rbac.authorization.k8s.io/v1:"
ROLE_BINDING = f"{_RBAC}RoleBinding"
_NAMESPACE = "kubernetes:core/v1:Namespace"
_USES = (
    "kubernetes:external-secrets.io/v1:ExternalSecret",
    "kubernetes:external-secrets.io/v1:SecretStore",
    "kubernetes:external-secrets.io/v1alpha1:PushSecret",
)
SYSTEM = ("default", "kube-public", "kube-system")
RBAC_JUDGE = "RBAC rules (own evaluator)"
_CONDITIONS = "store conditions (own evaluator)"
ANY_NAME = "(any)"


@dataclass(frozen=True, kw_only=True)
class Access:
    """One request to an API server. namespace: None for all of them, or for what has none. name: empty for a list."""

    verb: str
    resource: str
    group: str = ""
    namespace: str | None = None
    name: str = ""


def rows(documents: Documents) -> list[Row]:
    """Every question about the environments' clusters."""
    found: list[Row] = []
    for environment, operator in operators(documents).items():
        namespaces = _namespaces(documents, environment, operator)
        for account, access, action, expected in _questions(documents, environment, operator, namespaces):
            question = Question(identity=str(account), action=action, owner=environment, expected=expected)
            found.append(Row(question=question, allowed=allows(documents, account, access), judge=RBAC_JUDGE))
        found += _store_rows(documents, environment, namespaces)
    return found


def allows(documents: Documents, account: Account, access: Access) -> bool:
    """Whether a role that is bound to the account allows the request."""
    return allows_whoever(documents, account.environment, lambda subject: _is(account, subject), access)


def allows_whoever(
    documents: Documents, environment: str, is_one: Callable[[Mapping[str, Any]], bool], access: Access
) -> bool:
    """Whether a role that is bound to one of somebody's subjects allows the request in an environment's cluster."""
    for owner, binding in documents.owned(CLUSTER_BINDING, ROLE_BINDING):
        place = binding.at("metadata", "namespace")
        if owner != environment or (place is not None and place != access.namespace):
            continue
        if any(is_one(subject) for subject in binding.at("subjects") or ()):
            rules = _rules(documents, owner, binding.at("roleRef"), place)
            if any(_covers(rule, access) for rule in rules):
                return True
    return False


def _is(account: Account, subject: Mapping[str, Any]) -> bool:
    match subject["kind"]:
        case "ServiceAccount":
            return (subject.get("namespace"), subject["name"]) == (account.namespace, account.name)
        case "User":
            return subject["name"] == account.subject
        case _:
            groups = ("system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{account.namespace}")
            return subject["name"] in groups


def _rules(
    documents: Documents, environment: str, reference: Mapping[str, Any], place: str | None
) -> Iterator[Mapping[str, Any]]:
    found = False
    for owner, role in documents.owned(f"{_RBAC}{reference['kind']}"):
        at = place if reference["kind"] == "Role" else None
        if owner == environment and (role.at("metadata", "name"), role.at("metadata", "namespace")) == (
            reference["name"],
            at,
        ):
            found = True
            yield from role.at("rules") or ()
    if not found:  # a role of the cluster itself, such as cluster-admin, whose rules no document shows: the worst case
        yield {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


def _covers(rule: Mapping[str, Any], access: Access) -> bool:
    def names(field: str, wanted: str) -> bool:
        return bool({wanted, "*"} & set(rule.get(field) or ()))

    narrowed = rule.get("resourceNames")
    return (
        names("verbs", access.verb)
        and names("apiGroups", access.group)
        and names("resources", access.resource)
        and (not narrowed or access.name in narrowed)
    )


def made_namespaces(documents: Documents, environment: str) -> set[str]:
    """The namespaces that the stack creates in an environment's cluster."""
    return {one.at("metadata", "name") for owner, one in documents.owned(_NAMESPACE) if owner == environment}


def _namespaces(documents: Documents, environment: str, operator: Account) -> dict[str, bool]:
    """Every namespace to ask about, and whether the environment's secrets belong in it: one of its stores, or of what
    is synced by them, is there or admits it."""
    made = made_namespaces(documents, environment)
    used = {one.at("metadata", "namespace") for owner, one in documents.owned(*_USES) if owner == environment}
    named = {
        name
        for owner, store in documents.owned(STORE)
        if owner == environment
        for condition in store.at("spec", "conditions") or ()
        for name in condition.get("namespaces") or ()
    }
    return {
        name: name in used | named and name not in SYSTEM
        for name in sorted(made | used | named | {operator.namespace, *SYSTEM})
    }


def _questions(
    documents: Documents, environment: str, operator: Account, namespaces: Mapping[str, bool]
) -> Iterator[tuple[Account, Access, str, bool]]:
    shown = {account: who for account, who in rightful(documents).items() if account.environment == environment}
    for namespace, belongs in namespaces.items():
        for verb in ("create", "get", "update"):
            access = Access(verb=verb, resource="secrets", namespace=namespace, name=ANY_NAME)
            yield operator, access, f"{verb} a Secret in {namespace}", belongs
        mints = Access(verb="create", resource="serviceaccounts/token", namespace=namespace, name="default")
        yield operator, mints, f"mint a token of {namespace}/default", False
        yield (
            operator,
            Access(verb="create", resource="pods", namespace=namespace),
            f"start a pod in {namespace}",
            False,
        )
        tenant = Account(environment=environment, namespace=namespace, name="default")
        for verb in ("create", "get", "list"):
            access = Access(verb=verb, resource="secrets", namespace=namespace, name=ANY_NAME)
            yield tenant, access, f"{verb} a Secret in {namespace}", False
    for account, who in shown.items():
        mints = Access(verb="create", resource="serviceaccounts/token", namespace=account.namespace, name=account.name)
        action = f"mint a token of {account.namespace}/{account.name}"
        yield operator, mints, action, who != OPERATOR or _names_an_account(documents, environment)
        if who != OPERATOR:
            yield from _of_a_team(account, mints, action, shown)
    # Informers need it, and RBAC cannot tell it from reading: the cluster is the boundary (see the page on isolation).
    yield operator, Access(verb="list", resource="secrets"), "list the Secrets of the whole cluster", True
    for resource in ("clusterroles", "clusterrolebindings", "roles", "rolebindings"):
        for verb in ("create", "update", "patch", "escalate", "bind"):
            access = Access(verb=verb, resource=resource, group="rbac.authorization.k8s.io")
            yield operator, access, f"{verb} {resource}", False
    for verb in ("create", "delete"):
        access = Access(verb=verb, resource="clustersecretstores", group="external-secrets.io", name=ANY_NAME)
        yield operator, access, f"{verb} a ClusterSecretStore", False


def _of_a_team(
    account: Account, mints: Access, action: str, others: Iterable[Account]
) -> Iterator[tuple[Account, Access, str, bool]]:
    """The account of a store: whoever holds its token gets nothing from the cluster, and no pod beside it gets one."""
    neighbour = Account(environment=account.environment, namespace=account.namespace, name="default")
    yield neighbour, mints, action, False
    for verb in ("create", "get", "list"):
        access = Access(verb=verb, resource="secrets", namespace=account.namespace, name=ANY_NAME)
        yield account, access, f"{verb} a Secret in {account.namespace}", False
    for other in others:
        access = Access(verb="create", resource="serviceaccounts/token", namespace=other.namespace, name=other.name)
        yield account, access, f"mint a token of {other.namespace}/{other.name}", False


def _names_an_account(documents: Documents, environment: str) -> bool:
    stores = [store for owner, store in own_stores(documents) if owner == environment]
    return any("serviceAccountRef" in str(store.at("spec", "provider")) for store in stores)


def _store_rows(documents: Documents, environment: str, namespaces: Mapping[str, bool]) -> list[Row]:
    operator = operators(documents)[environment]
    of_teams = [one for one in scopes(documents) if one.environment == environment]
    theirs = {namespace for one in of_teams for namespace in one.namespaces}
    shared = {one.store for one in of_teams if one.shared}
    found: list[Row] = []
    for owner, store in documents.owned(STORE):
        if owner != environment:
            continue
        name = store.at("metadata", "name")
        for namespace in namespaces:
            writes = allows(
                documents, operator, Access(verb="create", resource="secrets", namespace=namespace, name=ANY_NAME)
            )
            question = Question(
                identity=f"an ExternalSecret in {namespace} of {environment}",
                action=f"use the store {name}",
                owner=environment,
                expected=writes
                and namespace not in (*SYSTEM, operator.namespace)
                and (namespace in theirs) == (name in shared),
            )
            labels = _labels(documents, environment, namespace)
            allowed = admits(store.at("spec", "conditions") or (), namespace, labels)
            found.append(Row(question=question, allowed=allowed, judge=_CONDITIONS))
    return found


def admits(conditions: Sequence[Mapping[str, Any]], namespace: str, labels: Mapping[str, str]) -> bool:
    """Whether a ClusterSecretStore may be used from a namespace: no condition lets in every one.

    Source: external-secrets v0.20.4, `pkg/controllers/secretstore/client_manager.go`, `shouldProcessSecret`.
    """
    return not conditions or any(_meets(condition, namespace, labels) for condition in conditions)


def _meets(condition: Mapping[str, Any], namespace: str, labels: Mapping[str, str]) -> bool:
    selector = condition.get("namespaceSelector")
    return (
        namespace in (condition.get("namespaces") or ())
        or any(re.search(pattern, namespace) for pattern in condition.get("namespaceRegexes") or ())
        or (selector is not None and _selects(selector, labels))
    )


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    def holds(expression: Mapping[str, Any]) -> bool:
        key, values = expression["key"], expression.get("values") or ()
        match expression["operator"]:
            case "In":
                return labels.get(key) in values
            case "NotIn":
                return labels.get(key) not in values
            case "Exists":
                return key in labels
            case _:
                return key not in labels

    wanted = selector.get("matchLabels") or {}
    return wanted.items() <= labels.items() and all(holds(one) for one in selector.get("matchExpressions") or ())


def _labels(documents: Documents, environment: str, namespace: str) -> Mapping[str, str]:
    given = {
        key: value
        for owner, one in documents.owned(_NAMESPACE)
        if owner == environment and one.at("metadata", "name") == namespace
        for key, value in (one.at("metadata", "labels") or {}).items()
    }
    return {**given, "kubernetes.io/metadata.name": namespace}
