"""Controls taken away in the cluster: each manager's own are in its module. All are put back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

import yaml

from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.localcloud.kubernetes.record import ClusterRecord
from bootstrap.proof.stage import OUTSIDE
from bootstrap.verification.environment import EnvironmentView
from tests.local_stack import patch_object


@contextmanager
def everybody_uses_the_store(view: EnvironmentView) -> Iterator[None]:
    path = f"/apis/external-secrets.io/v1/clustersecretstores/{view.references['storeName']}"
    conditions = view.get(path)["spec"]["conditions"]
    patch_object(view, path, {"spec": {"conditions": [*conditions, {"namespaces": [OUTSIDE]}]}})
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
