"""What the Argo CD of another cluster may do in an environment's: deploy where its component says, and nothing more."""

from collections.abc import Iterator, Mapping
from typing import Any

from bootstrap.proof.offline.documents import Component, Documents
from bootstrap.proof.offline.kubernetes import (
    ANY_NAME,
    RBAC_JUDGE,
    ROLE_BINDING,
    SYSTEM,
    Access,
    allows_whoever,
    made_namespaces,
)
from bootstrap.proof.offline.row import Question, Row

_RBAC = "rbac.authorization.k8s.io"


def rows(documents: Documents) -> list[Row]:
    """Every question about each spoke. A spoke whose rules were chosen otherwise is asked the same."""
    found: list[Row] = []
    for environment, spoke in documents.components("ArgoCdSpoke"):
        who = _subjects(documents, environment, spoke)
        for access, action, expected in _asked(documents, environment, spoke):
            question = Question(
                identity=f"Argo CD of the hub, {spoke.name}", action=action, owner=environment, expected=expected
            )
            allowed = allows_whoever(documents, environment, lambda one, who=who: _among(one, who), access)
            found.append(Row(question=question, allowed=allowed, judge=RBAC_JUDGE))
    return found


def _subjects(documents: Documents, environment: str, spoke: Component) -> set[tuple[str, str]]:
    """Whom the cluster takes Argo CD for, as the spoke's own bindings name it; and everybody who has logged in."""
    named = {
        (subject["kind"], subject["name"])
        for owner, binding in documents.owned(ROLE_BINDING)
        if owner == environment and binding.name.startswith(f"{spoke.name}-")
        for subject in binding.at("subjects")
    }
    return named | {("Group", "system:authenticated")}


def _among(subject: Mapping[str, Any], who: set[tuple[str, str]]) -> bool:
    return (subject["kind"], subject["name"]) in who


def _asked(documents: Documents, environment: str, spoke: Component) -> Iterator[tuple[Access, str, bool]]:
    deploys = set(spoke.at("namespaces"))
    for namespace in sorted({*made_namespaces(documents, environment), *deploys, *SYSTEM}):
        within = Access(verb="create", resource="deployments", group="apps", namespace=namespace)
        yield within, f"deploy to {namespace}", namespace in deploys
        for verb, resource, group, action in (
            ("get", "secrets", "", "read a Secret"),
            ("list", "secrets", "", "list the Secrets"),
            ("create", "secrets", "", "write a Secret"),
            ("create", "serviceaccounts/token", "", "mint a token"),
            ("create", "pods/exec", "", "enter a pod"),
            ("update", "roles", _RBAC, "widen a role"),
            ("create", "rolebindings", _RBAC, "bind a role"),
        ):
            name = "" if verb == "list" else ANY_NAME
            access = Access(verb=verb, resource=resource, group=group, namespace=namespace, name=name)
            yield access, f"{action} in {namespace}", False
    for verb, resource, group, action in (
        ("list", "secrets", "", "list the Secrets of the whole cluster"),
        ("create", "namespaces", "", "make a namespace"),
        ("create", "clusterrolebindings", _RBAC, "bind a role in the whole cluster"),
        ("update", "clustersecretstores", "external-secrets.io", "change who may use the environment's store"),
    ):
        yield Access(verb=verb, resource=resource, group=group), action, False
