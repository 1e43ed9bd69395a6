"""Controls taken away in the cluster: each manager's own are in its module. All are put back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.proof.cluster import OUTSIDE
from bootstrap.verification.environment import EnvironmentView
from tests.local_stack import patch_object

Mutation = Callable[[], AbstractContextManager[None]]


@contextmanager
def everybody_uses_the_store(view: EnvironmentView) -> Iterator[None]:
    path = f"/apis/external-secrets.io/v1/clustersecretstores/{view.references['storeName']}"
    conditions = view.get(path)["spec"]["conditions"]
    patch_object(view, path, {"spec": {"conditions": [*conditions, {"namespaces": [OUTSIDE]}]}})
    yield
    patch_object(view, path, {"spec": {"conditions": conditions}})


@contextmanager
def the_operator_is_an_administrator(view: EnvironmentView) -> Iterator[None]:
    bindings, name = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "proof-administrator"
    account = {"kind": "ServiceAccount", "name": "external-secrets", "namespace": view.references["operatorNamespace"]}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    body = {"metadata": {"name": name}, "roleRef": role, "subjects": [account]}
    view.kubernetes.post(bindings, json=body).raise_for_status()
    yield
    view.kubernetes.delete(f"{bindings}/{name}").raise_for_status()


@contextmanager
def etcd_is_not_encrypted(view: EnvironmentView, plane: ControlPlane) -> Iterator[None]:
    """The first provider writes: with `identity` there, whatever is written again is plain text."""
    configuration, plugin = plane.encryption
    kms, identity = configuration.index("- kms:"), configuration.index("- identity:")
    turned = f"{configuration[:kms]}{configuration[identity:].rstrip()}\n    {configuration[kms:identity].rstrip()}\n"
    plane.update_encryption(turned, plugin)
    _rewrite_canary(view)
    yield
    plane.update_encryption(configuration, plugin)
    _rewrite_canary(view)


def _rewrite_canary(view: EnvironmentView) -> None:
    canary = view.references["canary"]
    path = f"/api/v1/namespaces/{canary['namespace']}/secrets/{canary['name']}"
    view.kubernetes.put(path, json=view.get(path)).raise_for_status()


CLUSTER = {
    "a namespace outside the store's conditions uses the store": everybody_uses_the_store,
    "the operator writes a Secret in kube-system": the_operator_is_an_administrator,
    "the operator mints a token of another service account": the_operator_is_an_administrator,
    "the operator starts a pod": the_operator_is_an_administrator,
    "the operator widens its own role": the_operator_is_an_administrator,
}
