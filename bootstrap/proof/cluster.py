"""Attacks from inside the cluster, the same on every secret manager: stores, permissions, etcd."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from bootstrap.proof.attack import Attack
from bootstrap.verification.environment import EnvironmentView, RefusedError

OUTSIDE = "proof-outside"
"""A namespace that no condition of a store names; it is there only while an attack needs it."""
_OPERATOR = "external-secrets"
_API = "/apis/external-secrets.io/v1/namespaces"
_ROLES = "/apis/rbac.authorization.k8s.io/v1/namespaces"
_WRITER = "external-secrets-writer"
_SECONDS = 60


def attacks(view: EnvironmentView) -> Sequence[Attack]:
    """What is tried from inside an environment's cluster."""
    own = {"kind": "ClusterSecretStore", "name": view.references["storeName"]}
    return [
        Attack(
            name="a namespace outside the store's conditions uses the store",
            control="spec.conditions of the ClusterSecretStore",
            judge=_OPERATOR,
            rightful=lambda: _sync(view, view.references["canary"]["namespace"], own),
            attempt=lambda: _in_a_foreign_namespace(view, own, writable=True),
        ),
        Attack(
            name="a tenant makes a store of its own with the operator's identity",
            control="the operator's RBAC: it writes Secrets and mints tokens only where it must",
            judge="kube-apiserver",
            rightful=lambda: _sync(view, view.references["canary"]["namespace"], own),
            attempt=lambda: _with_a_store_of_its_own(view),
        ),
        *(_permission(view, *asked) for asked in _FORBIDDEN),
        Attack(
            name="somebody reads a Secret from etcd's files",
            control="etcd encryption by the environment's key",
            judge="etcd",
            rightful=lambda: _plaintexts(view),
            attempt=lambda: _read_raw(view),
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
    ("the operator starts a pod", {"verb": "create", "resource": "pods", "namespace": _OPERATOR}),
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
    account = f"system:serviceaccount:{view.references['operatorNamespace']}:{_OPERATOR}"
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{view.references['operatorNamespace']}"]
    body = {"spec": {"user": account, "groups": groups, "resourceAttributes": attributes}}
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    if not view.kubernetes.post(path, json=body).raise_for_status().json()["status"]["allowed"]:
        raise RefusedError(f"SubjectAccessReview: {attributes['verb']} {attributes['resource']} is not allowed")


def _plaintexts(view: EnvironmentView) -> Sequence[bytes]:
    canary = view.references["canary"]
    return list(view.secret_data(canary["namespace"], canary["name"]).values())


def _read_raw(view: EnvironmentView) -> None:
    canary, provider = view.references["canary"], view.references["encryptionProviderName"]
    raw, prefix = view.raw_etcd_value(canary["namespace"], canary["name"]), f"k8s:enc:kms:v2:{provider}:"
    if raw.startswith(prefix.encode()) and not any(value in raw for value in _plaintexts(view)):
        raise RefusedError(f"the raw value begins {prefix} and holds no plaintext")


def _in_a_foreign_namespace(view: EnvironmentView, store: Mapping[str, str], *, writable: bool) -> None:
    with foreign_namespace(view, writable=writable):
        _sync(view, OUTSIDE, store)


def _with_a_store_of_its_own(view: EnvironmentView) -> None:
    provider = view.custom_resource("clustersecretstores", view.references["storeName"])["spec"]["provider"]
    with foreign_namespace(view, writable=False):
        body = {"metadata": {"name": "own"}, "spec": {"provider": _within_its_namespace(provider)}}
        stores = f"{_API}/{OUTSIDE}/secretstores"
        _create(view, stores, "SecretStore", body)
        try:
            # Before the operator has judged the store, its refusal to use it says nothing about the attack.
            _wait(lambda: "conditions" in view.get(f"{stores}/own").get("status", {}), seconds=15)
            _sync(view, OUTSIDE, {"kind": "SecretStore", "name": "own"}, seconds=15)
        except TimeoutError:
            # The operator may not even say why, so the API server is asked whether it could have written.
            _ask(view, {"verb": "create", "resource": "secrets", "namespace": OUTSIDE})
            raise


def _within_its_namespace(provider: Any) -> Any:
    """A namespaced store may name no other namespace, so it names a service account of its own."""
    if isinstance(provider, Mapping):
        return {key: _within_its_namespace(value) for key, value in provider.items() if key != "namespace"}
    return provider


@contextmanager
def foreign_namespace(view: EnvironmentView, *, writable: bool) -> Iterator[None]:
    """The namespace `proof-outside`, with or without the operator's leave to write there.

    Its service account looks like the one that the manager trusts.
    """
    _create(view, "/api/v1/namespaces", "Namespace", {"metadata": {"name": OUTSIDE}})
    try:
        trusted = view.references["serviceAccount"]
        real = view.get(f"/api/v1/namespaces/{trusted['namespace']}/serviceaccounts/{trusted['name']}")["metadata"]
        copy = {"metadata": {"name": trusted["name"], "annotations": real.get("annotations") or {}}}
        _create(view, f"/api/v1/namespaces/{OUTSIDE}/serviceaccounts", "ServiceAccount", copy)
        if writable:
            let_the_operator_write(view)
        yield
    finally:
        view.kubernetes.delete(f"/api/v1/namespaces/{OUTSIDE}").raise_for_status()
        _wait(lambda: view.kubernetes.get(f"/api/v1/namespaces/{OUTSIDE}").status_code == HTTPStatus.NOT_FOUND)


def let_the_operator_write(view: EnvironmentView) -> None:
    """The operator's role of the first sync's namespace, given in `proof-outside` too."""
    for kind in ("roles", "rolebindings"):
        granted = view.get(f"{_ROLES}/{view.references['canary']['namespace']}/{kind}/{_WRITER}")
        copy = {**granted, "metadata": {"name": _WRITER}}
        view.kubernetes.post(f"{_ROLES}/{OUTSIDE}/{kind}", json=copy).raise_for_status()


def _sync(view: EnvironmentView, namespace: str, store: Mapping[str, str], seconds: int = _SECONDS) -> None:
    """Have the operator read the canary into a Secret of the namespace. Raises RefusedError in its event's words."""
    first, name = view.references["canary"], "proof"
    canary = view.custom_resource("externalsecrets", first["name"], first["namespace"])
    spec = {
        "refreshInterval": "1h0m0s",
        "secretStoreRef": dict(store),
        "target": {"name": name},
        "data": canary["spec"]["data"],
    }
    path = f"{_API}/{namespace}/externalsecrets"
    _create(view, path, "ExternalSecret", {"metadata": {"name": name}, "spec": spec})
    try:
        _wait(lambda: bool(_synced(view, namespace, name) or _said(view, namespace, name)), seconds)
        if not _synced(view, namespace, name):
            raise RefusedError(_said(view, namespace, name))
    finally:
        view.kubernetes.delete(f"{path}/{name}").raise_for_status()
        _wait(lambda: view.kubernetes.get(f"{path}/{name}").status_code == HTTPStatus.NOT_FOUND)


def _synced(view: EnvironmentView, namespace: str, name: str) -> bool:
    return view.kubernetes.get(f"/api/v1/namespaces/{namespace}/secrets/{name}").is_success


def _said(view: EnvironmentView, namespace: str, name: str) -> str:
    """The operator's warning about an ExternalSecret; empty while there is none."""
    for event in view.get(f"/api/v1/namespaces/{namespace}/events")["items"]:
        if event["type"] == "Warning" and event["involvedObject"]["name"] in (name, "own"):
            return " ".join(str(event["message"]).split())[:300]
    return ""


def _create(view: EnvironmentView, path: str, kind: str, body: Mapping[str, Any]) -> None:
    version = "external-secrets.io/v1" if path.startswith(_API) else "v1"
    view.kubernetes.post(path, json={"apiVersion": version, "kind": kind, **body}).raise_for_status()


def _wait(done: Callable[[], bool], seconds: int = _SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)
