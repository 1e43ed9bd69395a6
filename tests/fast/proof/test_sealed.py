"""Sealed Secrets in the offline matrix: its controller writes in its own namespaces alone, and nobody has its keys."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest

from bootstrap.proof.offline.documents import Documents
from bootstrap.proof.offline.matrix import matrix
from bootstrap.proof.offline.row import Row
from components import SealedBootstrap, SealedBootstrapArgs, parse_config
from tests.fast.components import samples, samples_sealed
from tests.fast.components.mock_engine import run
from tests.fast.proof.beside import wrong
from tests.fast.proof.mutations import Change, changed, put
from tests.fast.proof.teams import with_teams
from tests.fast.proof.topologies import TOPOLOGIES, documents, of_recordings

ROLE, BINDING = (f"kubernetes:rbac.authorization.k8s.io/v1:{kind}" for kind in ("Role", "RoleBinding"))
CLUSTER_ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
HOME = "sealed-secrets"
CONTROLLER, OPERATOR = f"{HOME}/{HOME} of prod", "external-secrets/external-secrets of prod"


def sealed(environments: dict[str, Any], **more: Any) -> None:
    for one in environments.values():
        one["sealedSecrets"] = {"namespaces": one.get("namespaces") or ["payments"], **more}


@cache
def made(topology: str = "eks") -> Documents:
    return documents(topology, sealed)


def of_it(rows: Sequence[Row], identity: str) -> set[str]:
    return {one.question.action for one in rows if one.allowed and one.question.identity == identity}


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_it_is_right_beside_every_manager(topology: str) -> None:
    rows = matrix(made(topology))
    assert [row for row in rows if not row.right] == []
    opened = "payments" if topology == "local-teams" else "apps"
    assert of_it(rows, CONTROLLER) == {
        *(f"{verb} a Secret in {opened}" for verb in ("create", "get", "update")),
        *(f"{verb} a Secret in {HOME}" for verb in ("create", "list")),
        *(f"watch SealedSecrets in {one}" for one in (opened, HOME)),
    }
    about_keys = {one.question.identity for one in rows if one.allowed and "sealing key" in one.question.action}
    # External Secrets' informers list every Secret of the cluster: that is said, and not left out.
    assert about_keys == {f"external-secrets/external-secrets of {one}" for one in made(topology).environments}


def test_without_it_nothing_is_asked() -> None:
    rows = matrix(documents("eks"))
    assert not [row for row in rows if "seal" in row.question.action.lower()]


def test_it_is_right_without_a_manager() -> None:
    def program() -> None:
        config = parse_config(samples_sealed.configuration())
        environment = config.sealed_environments["prod"]
        SealedBootstrap(
            "prod",
            SealedBootstrapArgs(environment=environment, create_cluster=lambda _name, _options: samples.cluster()),
        )

    rows = matrix(of_recordings(run(program)))
    assert [row for row in rows if not row.right] == []
    assert {row.question.owner for row in rows} == {"prod"}
    assert "update a Secret in apps" in of_it(rows, CONTROLLER)
    assert "update a Secret in web" not in of_it(rows, CONTROLLER)
    # Nobody else lists the keys here: there is no operator with informers.
    assert {one.question.identity for one in rows if one.allowed} == {CONTROLLER}


def test_who_makes_lost_secrets_again_lists_them() -> None:
    rows = matrix(documents("eks", lambda given: sealed(given, recreate=True)))
    assert [row for row in rows if not row.right] == []
    assert "list a Secret in apps" in of_it(rows, CONTROLLER)


def test_accounts_of_teams_are_asked_too() -> None:
    def change(environments: dict[str, Any]) -> None:
        with_teams(environments)
        for one in environments.values():
            one["sealedSecrets"] = {"namespaces": ["apps", "payments"]}

    rows = matrix(documents("eks", change))
    assert [row for row in rows if not row.right] == []
    asked = {one.question.identity for one in rows if one.question.action == f"read a sealing key of {HOME}"}
    assert {"payments/external-secrets-team of prod", "external-secrets/external-secrets-shared of prod"} <= asked
    assert "update a Secret in payments" in of_it(rows, CONTROLLER)


def more(group: str, resource: str, *verbs: str) -> Change:
    """A role with one more rule."""
    return lambda one: one["rules"].append({"apiGroups": [group], "resources": [resource], "verbs": list(verbs)})


def moved(namespace: str) -> Change:
    """A role or binding that stands in another namespace: nobody has what it gave where it was."""
    return lambda one: one["metadata"].update(namespace=namespace)


def to_everybody(one: dict[str, Any]) -> None:
    one["subjects"].append({"kind": "Group", "name": "system:serviceaccounts"})


def a_role_of_the_clusters(one: dict[str, Any]) -> None:
    one.update(roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"})


UNSEALER, KEYS = "prod-sealed-secrets-unsealer-apps", "prod-sealed-secrets-keys"
WIDENED: dict[str, tuple[str, str, Change, str, str]] = {
    "it deletes": (ROLE, UNSEALER, more("", "secrets", "delete"), CONTROLLER, "delete a Secret in apps"),
    "it lists where it need not": (ROLE, UNSEALER, more("", "secrets", "list"), CONTROLLER, "list a Secret in apps"),
    "it reads its keys by name": (ROLE, KEYS, more("", "secrets", "get"), CONTROLLER, f"get a Secret in {HOME}"),
    "it changes what was sealed": (
        ROLE,
        UNSEALER,
        more("bitnami.com", "sealedsecrets", "update"),
        CONTROLLER,
        "change a SealedSecret in apps",
    ),
    "it starts pods": (ROLE, UNSEALER, more("", "pods", "create"), CONTROLLER, "start a pod in apps"),
    "it mints tokens": (
        ROLE,
        UNSEALER,
        more("", "serviceaccounts/token", "create"),
        CONTROLLER,
        "mint a token of default in apps",
    ),
    "it binds roles": (
        ROLE,
        UNSEALER,
        more("rbac.authorization.k8s.io", "rolebindings", "create"),
        CONTROLLER,
        "bind a role in apps",
    ),
    "a role of the cluster's": (
        BINDING,
        f"{KEYS}-binding",
        a_role_of_the_clusters,
        CONTROLLER,
        f"delete a Secret in {HOME}",
    ),
    "everybody lists the keys": (
        BINDING,
        f"{KEYS}-binding",
        to_everybody,
        "apps/default of prod",
        f"list the sealing keys of {HOME}",
    ),
    "everybody brings in keys": (
        BINDING,
        f"{KEYS}-binding",
        to_everybody,
        "default/default of prod",
        f"bring in a sealing key of {HOME}",
    ),
    "External Secrets gets Secrets everywhere": (
        CLUSTER_ROLE,
        "prod-bootstrap-operator-watcher",
        more("", "secrets", "get"),
        OPERATOR,
        f"read a sealing key of {HOME}",
    ),
    "External Secrets writes everywhere": (
        CLUSTER_ROLE,
        "prod-bootstrap-operator-watcher",
        more("", "secrets", "create", "update"),
        OPERATOR,
        f"replace a sealing key of {HOME}",
    ),
}


@pytest.mark.parametrize("name", WIDENED)
def test_what_is_widened_is_seen(name: str) -> None:
    token, resource, change, identity, action = WIDENED[name]
    found = wrong(made(), token, resource, change)
    assert (identity, action) in {(one.identity, one.action) for one in found}


def test_a_grant_in_another_namespace_is_seen() -> None:
    elsewhere = changed(made(), ROLE, UNSEALER, moved("argocd"))
    found = wrong(elsewhere, BINDING, f"{UNSEALER}-binding", moved("argocd"))
    assert {"create a Secret in argocd", "get a Secret in argocd", "update a Secret in argocd"} <= {
        one.action for one in found if one.identity == CONTROLLER
    }


def test_external_secrets_that_may_write_among_the_keys_is_seen() -> None:
    writer = "prod-bootstrap-operator-writer-apps"
    elsewhere = changed(made(), ROLE, writer, moved(HOME))
    found = wrong(elsewhere, BINDING, f"{writer}-binding", moved(HOME))
    assert {"read", "bring in", "replace", "delete"} <= {
        one.action.partition(" a sealing key")[0] for one in found if one.identity == OPERATOR
    }


NARROWED: dict[str, tuple[str, str, Callable[[dict[str, Any]], object], str]] = {
    "no binding": (BINDING, f"{UNSEALER}-binding", put(subjects=[]), "create a Secret in apps"),
    "no keys": (ROLE, KEYS, put(rules=[]), f"list a Secret in {HOME}"),
}


@pytest.mark.parametrize("name", NARROWED)
def test_what_it_cannot_do_any_more_is_seen(name: str) -> None:
    token, resource, change, action = NARROWED[name]
    found = wrong(made(), token, resource, change, allowed=False)
    assert action in {one.action for one in found if one.identity == CONTROLLER}
