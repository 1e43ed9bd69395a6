"""A spoke in the offline matrix: the hub deploys where it is meant to, and gets neither Secrets nor more rights."""

from functools import cache
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from components import ArgoCdSpoke, ArgoCdSpokeArgs
from tests.fast.proof.beside import wrong
from tests.fast.proof.mutations import Change
from tests.fast.proof.topologies import documents

ROLE, BINDING = (f"kubernetes:rbac.authorization.k8s.io/v1:{kind}" for kind in ("Role", "RoleBinding"))
WHO = "Argo CD of the hub, prod-spoke"


def _spoke(name: str, _prefix: str, _environments: dict[str, Any]) -> None:
    spoke = pulumi.ResourceOptions(provider=kubernetes.Provider(f"{name}-spoke-cluster", context=name))
    args = ArgoCdSpokeArgs(subject_kind="Group", subject_name=f"hub-of-{name}", namespaces=["apps"])
    ArgoCdSpoke(f"{name}-spoke", args, spoke)


@cache
def made() -> Documents:
    return documents("eks", beside=_spoke)


def test_it_deploys_to_its_namespaces_and_does_nothing_else() -> None:
    rows = matrix(made())
    assert [row for row in rows if not row.right] == []
    assert [row.question.action for row in rows if row.question.identity == WHO and row.allowed] == ["deploy to apps"]


def grant(**rule: list[str]) -> Change:
    return lambda one: one["rules"].append(rule)


@pytest.mark.parametrize(
    ("token", "name", "change", "action"),
    [
        (ROLE, "prod-spoke-apps", grant(apiGroups=[""], resources=["secrets"], verbs=["get"]), "read a Secret in apps"),
        (ROLE, "prod-spoke-apps", grant(apiGroups=["*"], resources=["*"], verbs=["create"]), "enter a pod in apps"),
        (
            BINDING,
            "prod-spoke-apps-binding",
            lambda one: one["metadata"].update(namespace="kube-system"),
            "deploy to kube-system",
        ),
        (
            BINDING,
            "prod-spoke-apps-binding",
            lambda one: one["roleRef"].update(kind="ClusterRole", name="cluster-admin"),
            "read a Secret in apps",
        ),
    ],
    ids=["reads Secrets", "creates everything", "bound elsewhere", "an administrator"],
)
def test_what_is_widened_is_seen(token: str, name: str, change: Change, action: str) -> None:
    assert (WHO, action) in {(one.identity, one.action) for one in wrong(made(), token, name, change)}


def test_a_spoke_that_deploys_nowhere_is_seen() -> None:
    lost = wrong(made(), ROLE, "prod-spoke-apps", lambda one: one["rules"].clear(), allowed=False)
    assert [one.action for one in lost] == ["deploy to apps"]
