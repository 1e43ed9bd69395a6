"""Attacks on Sealed Secrets, where an environment has it: its permissions, its keys, what is sealed for others."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from bootstrap.proof.attack import Attack
from bootstrap.proof.cluster import OPERATOR, ask, require_ciphertext
from bootstrap.sealed.controller import NAME
from bootstrap.sealed.keys import ACTIVE, LABEL
from bootstrap.sealed.sealing import applied, refusal, seal
from bootstrap.verification.environment import EnvironmentView, RefusedError

_SEALED = "proof-sealed"


def attacks(view: EnvironmentView) -> Sequence[Attack]:
    """What is tried; nothing in an environment without Sealed Secrets."""
    sealed = view.references.get("sealedSecrets")
    if sealed is None:
        return []
    home, namespaces = str(sealed["namespace"]), list(sealed["namespaces"])
    canary, operator = view.references["canary"]["namespace"], view.references["operatorNamespace"]
    unsealer, external, neighbour = (home, NAME), (operator, OPERATOR), (namespaces[0], "default")
    writes = {"verb": "create", "resource": "secrets", "namespace": namespaces[0]}
    synced = {"verb": "create", "resource": "secrets", "namespace": canary}
    made_for = (namespaces[0], _SEALED)
    lists = {"verb": "list", "resource": "secrets", "namespace": home}
    return [
        *(
            Attack(
                name=f"the unsealer {does}",
                control="the RBAC of Sealed Secrets' controller",
                judge="kube-apiserver",
                rightful=lambda: ask(view, unsealer, writes),
                attempt=lambda asked=asked: ask(view, unsealer, asked),
            )
            for does, asked in {
                "writes a Secret in kube-system": {**writes, "namespace": "kube-system"},
                "writes a Secret in the operator's namespace": {**writes, "namespace": operator},
                "lists the Secrets of the whole cluster": {"verb": "list", "resource": "secrets"},
                "widens its own role": {
                    "verb": "update",
                    "resource": "roles",
                    "group": "rbac.authorization.k8s.io",
                    "namespace": namespaces[0],
                },
            }.items()
        ),
        *(
            Attack(
                name=f"the operator {does} a sealing key",
                control="the operator's RBAC",
                judge="kube-apiserver",
                rightful=lambda: ask(view, external, synced),
                attempt=lambda verb=verb: ask(view, external, {**lists, "verb": verb}),
            )
            for does, verb in {"brings in": "create", "replaces": "update"}.items()
        ),
        Attack(
            name="a service account that uses SealedSecrets reads the sealing keys",
            control="the RBAC of the namespace of the keys",
            judge="kube-apiserver",
            rightful=lambda: ask(view, unsealer, lists),
            attempt=lambda: ask(view, neighbour, lists),
        ),
        *(
            Attack(
                name=f"a SealedSecret is opened {where}",
                control="name and namespace are part of what is encrypted",
                judge=NAME,
                rightful=lambda: _opens(view, home, made_for=made_for, placed=made_for),
                attempt=lambda placed=placed: _opens(view, home, made_for=made_for, placed=placed),
            )
            for where, placed in _elsewhere(namespaces).items()
        ),
        Attack(
            name="somebody reads a sealing key from etcd's files",
            control="etcd encryption by the environment's key",
            judge="etcd",
            rightful=lambda: _a_key(view, home),
            attempt=lambda: require_ciphertext(view, home, _a_key(view, home)),
        ),
    ]


def _elsewhere(namespaces: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Where a SealedSecret for the first namespace must not open, by namespace and name."""
    places = {"under another name": (namespaces[0], f"{_SEALED}-renamed")}
    return {**places, "in another namespace": (namespaces[1], _SEALED)} if len(namespaces) > 1 else places


def _opens(view: EnvironmentView, home: str, *, made_for: tuple[str, str], placed: tuple[str, str]) -> None:
    """Raises RefusedError in the controller's words."""
    value, (namespace, name) = secrets.token_urlsafe(24), placed
    sealed = seal(view.kubernetes, home, namespace=made_for[0], name=made_for[1], value=value)
    with applied(view.kubernetes, sealed, namespace=namespace, name=name):
        said = refusal(view.kubernetes, namespace=namespace, name=name)
        if said:
            raise RefusedError(said)
        if value.encode() not in view.secret_data(namespace, name).values():
            raise ValueError("the Secret does not hold what was sealed")


def _a_key(view: EnvironmentView, home: str) -> str:
    """The name of one of the sealing keys."""
    answer = view.kubernetes.get(f"/api/v1/namespaces/{home}/secrets", params={"labelSelector": f"{LABEL}={ACTIVE}"})
    keys: list[Any] = answer.raise_for_status().json()["items"]
    return str(keys[0]["metadata"]["name"])
