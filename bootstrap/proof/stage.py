"""What an attack needs in the cluster: made for it, and taken away after it. What a killed run left goes first."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from bootstrap.kubernetes_api import wait_until_gone
from bootstrap.verification.environment import EnvironmentView, RefusedError
from bootstrap.waiting import wait_until

OUTSIDE = "proof-outside"
"""A namespace that no condition of a store names; it is there only while an attack needs it."""
_NAMESPACE = f"/api/v1/namespaces/{OUTSIDE}"
API = "/apis/external-secrets.io/v1/namespaces"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_WRITER, _TOKEN = "external-secrets-writer", "external-secrets-token"
_STORE = "own"
_DENIALS = ("AccessDenied", "permission denied")
"""The managers' words, as the operator repeats them."""
_UNKNOWN = f'Namespace "{OUTSIDE}" not found'
"""What the operator says as long as it has not heard of the namespace: nothing was refused."""


@contextmanager
def foreign_namespace(view: EnvironmentView, annotations: Mapping[str, str] | None = None) -> Iterator[None]:
    """The namespace `proof-outside`, in which the operator may not write.

    Its service account has the name of the one that the manager trusts; annotations: of the account, by default the
    same as that one's.
    """
    _remove_namespace(view)
    _create(view, "/api/v1/namespaces", "Namespace", {"metadata": {"name": OUTSIDE}})
    try:
        trusted = view.references["serviceAccount"]
        real = view.get(f"/api/v1/namespaces/{trusted['namespace']}/serviceaccounts/{trusted['name']}")["metadata"]
        given = real.get("annotations") or {} if annotations is None else dict(annotations)
        copy = {"metadata": {"name": trusted["name"], "annotations": given}}
        _create(view, f"{_NAMESPACE}/serviceaccounts", "ServiceAccount", copy)
        yield
    finally:
        _remove_namespace(view)


def _remove_namespace(view: EnvironmentView) -> None:
    if view.kubernetes.delete(_NAMESPACE).status_code != HTTPStatus.NOT_FOUND:
        wait_until_gone(view.kubernetes, _NAMESPACE)


def delete_account(view: EnvironmentView) -> None:
    """The service account of `proof-outside` goes; its tokens are still about."""
    account = view.references["serviceAccount"]["name"]
    view.kubernetes.delete(f"{_NAMESPACE}/serviceaccounts/{account}").raise_for_status()


def let_the_operator_write(view: EnvironmentView) -> None:
    """The operator's role of the first sync's namespace, given in `proof-outside` too."""
    _give(view, view.references["canary"]["namespace"], _WRITER)


def let_the_operator_mint(view: EnvironmentView) -> None:
    """The same of its leave to mint tokens of the account that the manager trusts."""
    _give(view, view.references["serviceAccount"]["namespace"], _TOKEN)


def _give(view: EnvironmentView, namespace: str, role: str) -> None:
    for kind in ("roles", "rolebindings"):
        granted = view.get(f"{_RBAC}/namespaces/{namespace}/{kind}/{role}")
        copy = {**granted, "metadata": {"name": role}}
        view.kubernetes.post(f"{_RBAC}/namespaces/{OUTSIDE}/{kind}", json=copy).raise_for_status()


@contextmanager
def cluster_role(view: EnvironmentView, role: str) -> Iterator[None]:
    """A role in the whole cluster for the service account of `proof-outside`."""
    bindings, name = f"{_RBAC}/clusterrolebindings", f"{OUTSIDE}-{role}"
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    account = view.references["serviceAccount"]["name"]
    subject = {"kind": "ServiceAccount", "name": account, "namespace": OUTSIDE}
    view.kubernetes.delete(f"{bindings}/{name}")
    body = {"metadata": {"name": name}, "roleRef": reference, "subjects": [subject]}
    view.kubernetes.post(bindings, json=body).raise_for_status()
    try:
        yield
    finally:
        view.kubernetes.delete(f"{bindings}/{name}").raise_for_status()


def shared_provider(view: EnvironmentView) -> Mapping[str, Any]:
    """`spec.provider` of the environment's ClusterSecretStore."""
    return view.custom_resource("clustersecretstores", view.references["storeName"])["spec"]["provider"]


def store_of_its_own(view: EnvironmentView, provider: Mapping[str, Any]) -> Mapping[str, str]:
    """A SecretStore in `proof-outside`: a reference to it. Raises TimeoutError if the operator never judges it."""
    stores = f"{API}/{OUTSIDE}/secretstores"
    body = {"metadata": {"name": _STORE}, "spec": {"provider": _within_its_namespace(provider)}}
    _create(view, stores, "SecretStore", body)
    # Before the operator has judged the store, its refusal to use it says nothing about an attack.
    wait_until(lambda: "conditions" in view.get(f"{stores}/{_STORE}").get("status", {}), seconds=15)
    return {"kind": "SecretStore", "name": _STORE}


def own_store_is_ready(view: EnvironmentView) -> bool:
    """Whether the operator got credentials for that store."""
    answer = view.kubernetes.get(f"{API}/{OUTSIDE}/secretstores/{_STORE}")
    conditions = answer.json().get("status", {}).get("conditions", []) if answer.is_success else []
    return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)


def _within_its_namespace(provider: Any) -> Any:
    """A namespaced store may name no other namespace, so it names a service account of its own."""
    if isinstance(provider, Mapping):
        return {key: _within_its_namespace(value) for key, value in provider.items() if key != "namespace"}
    return provider


def sync(
    view: EnvironmentView, namespace: str, store: Mapping[str, str], *, key: str | None = None, seconds: int = 60
) -> None:
    """Have the operator read a container (by default the canary) into a Secret of the namespace.

    Raises RefusedError in its event's words.
    """
    name, path = "proof", f"{API}/{namespace}/externalsecrets"
    body = view.like_the_first_sync(name, store=store, key=key)
    made = view.kubernetes.post(path, json=body).raise_for_status().json()["metadata"]
    try:
        wait_until(lambda: bool(_synced(view, namespace, name) or _said(view, made)), seconds)
        if not _synced(view, namespace, name):
            raise RefusedError(_said(view, made))
    finally:
        view.kubernetes.delete(f"{path}/{name}").raise_for_status()
        for gone in (f"{path}/{name}", f"/api/v1/namespaces/{namespace}/secrets/{name}"):  # the Secret goes with it
            wait_until_gone(view.kubernetes, gone)


def open_container(view: EnvironmentView, namespace: str, store: Mapping[str, str], container: str) -> None:
    """The same of a container, where only the manager's own words count as its refusal."""
    try:
        sync(view, namespace, store, key=view.key_of(container))
    except RefusedError as refusal:
        if not any(word in str(refusal) for word in _DENIALS):
            raise RuntimeError("the operator failed, and not because access was denied") from refusal
        raise


def _synced(view: EnvironmentView, namespace: str, name: str) -> bool:
    return view.kubernetes.get(f"/api/v1/namespaces/{namespace}/secrets/{name}").is_success


def _said(view: EnvironmentView, external_secret: Mapping[str, str]) -> str:
    """The operator's warning about this very ExternalSecret, or about its store while that is not Ready; empty for
    none. An earlier one of the same name may have left warnings of its own."""
    namespace = external_secret["namespace"]
    stores = [_STORE] if namespace == OUTSIDE and not own_store_is_ready(view) else []
    for event in view.get(f"/api/v1/namespaces/{namespace}/events")["items"]:
        words, about = " ".join(str(event["message"]).split())[:300], event["involvedObject"]
        meant = about.get("uid") == external_secret["uid"] or about["name"] in stores
        if event["type"] == "Warning" and meant and _UNKNOWN not in words:
            return words
    return ""


def _create(view: EnvironmentView, path: str, kind: str, body: Mapping[str, Any]) -> None:
    version = "external-secrets.io/v1" if path.startswith(API) else "v1"
    view.kubernetes.post(path, json={"apiVersion": version, "kind": kind, **body}).raise_for_status()
