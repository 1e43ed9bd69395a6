"""Controls taken away in the cluster: each manager's own are in its module. All are put back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

import yaml

from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.localcloud.kubernetes.record import ClusterRecord
from bootstrap.proof.stage import OUTSIDE
from bootstrap.verification.environment import EnvironmentView
from tests.cluster.api_audit import LOG, OPERATOR, open_watches
from tests.cluster.control_plane.helpers import process_of
from tests.local_stack import Running, eventually, patch_object


@contextmanager
def everybody_uses_the_store(view: EnvironmentView, namespace: str = OUTSIDE) -> Iterator[None]:
    """The environment's store is for one more namespace, by default that of the attack."""
    path = f"/apis/external-secrets.io/v1/clustersecretstores/{view.references['storeName']}"
    conditions = view.get(path)["spec"]["conditions"]
    patch_object(view, path, {"spec": {"conditions": [*conditions, {"namespaces": [namespace]}]}})
    yield
    patch_object(view, path, {"spec": {"conditions": conditions}})


@contextmanager
def bound(view: EnvironmentView, role: str, subject: Mapping[str, str]) -> Iterator[None]:
    """Somebody has one more role in the whole cluster."""
    bindings, name = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", f"proof-{role.replace(':', '-')}"
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    body = {"metadata": {"name": name}, "roleRef": reference, "subjects": [subject]}
    view.kubernetes.post(bindings, json=body).raise_for_status()
    yield
    view.kubernetes.delete(f"{bindings}/{name}").raise_for_status()


def the_operator_is_an_administrator(view: EnvironmentView) -> AbstractContextManager[None]:
    namespace = view.references["operatorNamespace"]
    return bound(view, "cluster-admin", {"kind": "ServiceAccount", "name": "external-secrets", "namespace": namespace})


def everybody_reviews_tokens(view: EnvironmentView) -> AbstractContextManager[None]:
    group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:serviceaccounts"}
    return bound(view, "system:auth-delegator", group)


@contextmanager
def etcd_is_not_encrypted(plane: ControlPlane) -> Iterator[None]:
    """The first provider writes: with `identity` there, every Secret is written anew in plain text."""
    record = ClusterRecord.load(plane.directory)
    configuration = yaml.safe_load(record.encryption_configuration or "")
    configuration["resources"][0]["providers"].reverse()
    plane.update_encryption(yaml.safe_dump(configuration), record.kms_plugin)
    yield
    plane.update_encryption(record.encryption_configuration, record.kms_plugin)


@contextmanager
def issuer_takes_the_key_of(running: Running, view: EnvironmentView, other: EnvironmentView) -> Iterator[None]:
    """One cluster takes, and publishes, the key with which another one signs tokens."""
    (plane,) = [one for one in running.local.control_planes() if one.name == view.references["clusterName"]]
    own, theirs = (one.issuer_key.with_suffix(".pub") for one in (view, other))
    kept = own.read_text()
    _restart_with(plane, kept + theirs.read_text())
    yield
    _restart_with(plane, kept)


def _restart_with(plane: ControlPlane, public_keys: str) -> None:
    """Until the operator watches everything again: before that it goes by what it has known."""
    log = plane.directory / LOG
    watched = open_watches(log, OPERATOR)
    plane.issuer_key.with_suffix(".pub").write_text(public_keys)
    process = process_of(plane, "kube-apiserver")
    assert process is not None
    process.kill()
    process.wait(10)
    since = datetime.now(UTC).isoformat()
    assert "kube-apiserver" in plane.ensure()

    @eventually(120)
    def all_again() -> None:
        assert watched <= open_watches(log, OPERATOR, since=since)

    all_again()


@contextmanager
def one_credential_for_all(view: EnvironmentView, auth: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[None]:
    """The operator reads by a credential of the deployer's, which a Secret `proof` holds, and not by its own account's
    token. auth: of the store, which refers to the Secret."""
    secrets, store = (
        f"/api/v1/namespaces/{view.references['canary']['namespace']}/secrets",
        f"/apis/external-secrets.io/v1/clustersecretstores/{view.references['storeName']}",
    )
    ((backend, settings),) = view.get(store)["spec"]["provider"].items()
    kept: Mapping[str, Any] = settings.get("auth") or {}
    without, restored = dict.fromkeys(kept), {**dict.fromkeys(auth), **kept} if kept else None
    view.kubernetes.post(secrets, json={"metadata": {"name": "proof"}, "stringData": values}).raise_for_status()
    patch_object(view, store, {"spec": {"provider": {backend: {"auth": {**without, **auth}}}}})
    yield
    patch_object(view, store, {"spec": {"provider": {backend: {"auth": restored}}}})
    view.kubernetes.delete(f"{secrets}/proof").raise_for_status()


def of_the_secret(view: EnvironmentView, key: str) -> dict[str, str]:
    """A store's reference to a value of that Secret."""
    return {"name": "proof", "namespace": view.references["canary"]["namespace"], "key": key}


@contextmanager
def tenant_is_trusted(
    view: EnvironmentView, trust: Callable[[], AbstractContextManager[None]] | None
) -> Iterator[None]:
    """The operator writes and mints everywhere, and the manager trusts service accounts of any namespace."""
    with the_operator_is_an_administrator(view), trust() if trust else nullcontext():
        yield


CLUSTER = {
    "a namespace outside the store's conditions uses the store": everybody_uses_the_store,
    "the operator writes a Secret in kube-system": the_operator_is_an_administrator,
    "the operator mints a token of another service account": the_operator_is_an_administrator,
    "the operator starts a pod": the_operator_is_an_administrator,
    "the operator widens its own role": the_operator_is_an_administrator,
}
