"""Attacks from inside the cluster, the same on every secret manager: stores, permissions, etcd."""

from collections.abc import Mapping, Sequence

from bootstrap.proof import stage
from bootstrap.proof.attack import Attack
from bootstrap.verification.environment import EnvironmentView, RefusedError

OPERATOR = "external-secrets"


def attacks(view: EnvironmentView) -> Sequence[Attack]:
    """What is tried from inside an environment's cluster."""
    own = {"kind": "ClusterSecretStore", "name": view.references["storeName"]}
    return [
        Attack(
            name="a namespace outside the store's conditions uses the store",
            control="spec.conditions of the ClusterSecretStore",
            judge=OPERATOR,
            rightful=lambda: stage.sync(view, view.references["canary"]["namespace"], own),
            attempt=lambda: _in_a_foreign_namespace(view, own),
        ),
        Attack(
            name="a tenant makes a store of its own with the operator's identity",
            control="the operator's RBAC: it writes Secrets and mints tokens only where it must",
            judge="kube-apiserver",
            rightful=lambda: stage.sync(view, view.references["canary"]["namespace"], own),
            attempt=lambda: _with_a_store_of_its_own(view),
        ),
        *(_permission(view, *asked) for asked in _FORBIDDEN),
        Attack(
            name="somebody reads a Secret from etcd's files",
            control="etcd encryption by the environment's key",
            judge="etcd",
            rightful=lambda: _plaintexts(view, **view.references["canary"]),
            attempt=lambda: require_ciphertext(view, **view.references["canary"]),
        ),
    ]


# Who does what, and where: verb, resource, subresource, name, namespace, API group.
_FORBIDDEN: Sequence[tuple[str, Mapping[str, str]]] = (
    (
        "the operator writes a Secret in kube-system",
        {"verb": "create", "resource": "secrets", "namespace": "kube-system"},
    ),
    (
        "the operator mints a token of another service account",
        {
            "verb": "create",
            "resource": "serviceaccounts",
            "subresource": "token",
            "name": "default",
            "namespace": "default",
        },
    ),
    ("the operator starts a pod", {"verb": "create", "resource": "pods", "namespace": OPERATOR}),
    (
        "the operator widens its own role",
        {"verb": "update", "resource": "clusterroles", "group": "rbac.authorization.k8s.io"},
    ),
)


def _permission(view: EnvironmentView, name: str, asked: Mapping[str, str]) -> Attack:
    rightful = {"verb": "create", "resource": "secrets", "namespace": view.references["canary"]["namespace"]}
    return Attack(
        name=name,
        control="the operator's RBAC",
        judge="kube-apiserver",
        rightful=lambda: _ask(view, rightful),
        attempt=lambda: _ask(view, asked),
    )


def _ask(view: EnvironmentView, attributes: Mapping[str, str]) -> None:
    ask(view, (view.references["operatorNamespace"], OPERATOR), attributes)


def ask(view: EnvironmentView, account: tuple[str, str], attributes: Mapping[str, str]) -> None:
    """Whether a service account, by its namespace and name, may do this. Raises RefusedError."""
    namespace, name = account
    user, groups = f"system:serviceaccount:{namespace}:{name}", ["system:serviceaccounts"]
    groups.append(f"system:serviceaccounts:{namespace}")
    body = {"spec": {"user": user, "groups": groups, "resourceAttributes": attributes}}
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    if not view.kubernetes.post(path, json=body).raise_for_status().json()["status"]["allowed"]:
        raise RefusedError(f"SubjectAccessReview: {attributes['verb']} {attributes['resource']} is not allowed")


def _plaintexts(view: EnvironmentView, namespace: str, name: str) -> Sequence[bytes]:
    return list(view.secret_data(namespace, name).values())


def require_ciphertext(view: EnvironmentView, namespace: str, name: str) -> None:
    """Raises RefusedError if a Secret in etcd's files is encrypted and none of its values can be read there."""
    provider = view.references["encryptionProviderName"]
    raw, prefix = view.raw_etcd_value(namespace, name), f"k8s:enc:kms:v2:{provider}:"
    if raw.startswith(prefix.encode()) and not any(value in raw for value in _plaintexts(view, namespace, name)):
        raise RefusedError(f"the raw value begins {prefix} and holds no plaintext")


def _in_a_foreign_namespace(view: EnvironmentView, store: Mapping[str, str]) -> None:
    with stage.foreign_namespace(view):
        stage.let_the_operator_write(view)
        stage.sync(view, stage.OUTSIDE, store)


def _with_a_store_of_its_own(view: EnvironmentView) -> None:
    with stage.foreign_namespace(view):
        try:
            store = stage.store_of_its_own(view, stage.shared_provider(view))
            stage.sync(view, stage.OUTSIDE, store, seconds=15)
        except TimeoutError:
            # The operator may not even say why, so the API server is asked whether it could have written.
            _ask(view, {"verb": "create", "resource": "secrets", "namespace": stage.OUTSIDE})
            raise
