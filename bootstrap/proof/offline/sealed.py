"""Sealed Secrets in the clusters: what its controller may do, and who gets at the sealing keys.

Where it opens SealedSecrets, and whether it makes a lost Secret again, is what the component registered as its outputs,
and not what its roles say.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bootstrap.proof.offline.documents import Component, Documents
from bootstrap.proof.offline.kubernetes import ANY_NAME, RBAC_JUDGE, SYSTEM, Access, allows, made_namespaces
from bootstrap.proof.offline.row import Question, Row
from bootstrap.proof.offline.service_accounts import Account, operators, rightful

_SEALED_SECRETS = "SealedSecrets"
_CONTROLLER = "sealed-secrets"
_OBJECTS = "bitnami.com"


@dataclass(frozen=True, kw_only=True)
class _Asked:
    account: Account
    access: Access
    action: str
    expected: bool


def rows(documents: Documents) -> list[Row]:
    """Every question about each controller of an environment's cluster."""
    found: list[Row] = []
    for environment, one in documents.components(_SEALED_SECRETS):
        for asked in (*_of_the_controller(documents, environment, one), *_of_the_keys(documents, environment, one)):
            question = Question(
                identity=str(asked.account), action=asked.action, owner=environment, expected=asked.expected
            )
            found.append(
                Row(question=question, allowed=allows(documents, asked.account, asked.access), judge=RBAC_JUDGE)
            )
    return found


def _controller(environment: str, one: Component) -> Account:
    return Account(environment=environment, namespace=one.at("namespace"), name=_CONTROLLER)


def _namespaces(documents: Documents, environment: str, one: Component) -> list[str]:
    of_operators = {
        account.namespace for account in operators(documents).values() if account.environment == environment
    }
    return sorted({*made_namespaces(documents, environment), *one.at("namespaces"), *of_operators, *SYSTEM})


def _of_the_controller(documents: Documents, environment: str, one: Component) -> Iterator[_Asked]:
    controller, home, opened = _controller(environment, one), one.at("namespace"), set(one.at("namespaces"))

    def asked(access: Access, action: str, expected: bool) -> _Asked:
        return _Asked(account=controller, access=access, action=action, expected=expected)

    for namespace in _namespaces(documents, environment, one):
        ours = namespace in opened
        # At home it makes its first key, and lists its keys; it gets none by name, and so opens no SealedSecret there.
        for verb, expected in (
            ("create", ours or namespace == home),
            ("get", ours),
            ("update", ours),
            ("list", namespace == home or (ours and bool(one.at("recreate")))),
            ("delete", False),
        ):
            access = Access(verb=verb, resource="secrets", namespace=namespace, name=ANY_NAME)
            yield asked(access, f"{verb} a Secret in {namespace}", expected)
        looks = Access(verb="watch", resource="sealedsecrets", group=_OBJECTS, namespace=namespace)
        yield asked(looks, f"watch SealedSecrets in {namespace}", ours or namespace == home)
        for verb, resource, action in (
            ("create", "pods", "start a pod"),
            ("create", "serviceaccounts/token", "mint a token of default"),
            ("update", "roles", "widen a role"),
            ("create", "rolebindings", "bind a role"),
        ):
            group = "rbac.authorization.k8s.io" if resource.startswith("role") else ""
            access = Access(verb=verb, resource=resource, group=group, namespace=namespace, name="default")
            yield asked(access, f"{action} in {namespace}", False)
        change = Access(verb="update", resource="sealedsecrets", group=_OBJECTS, namespace=namespace, name=ANY_NAME)
        yield asked(change, f"change a SealedSecret in {namespace}", False)
    yield asked(Access(verb="list", resource="secrets"), "list the Secrets of the whole cluster", False)


def _of_the_keys(documents: Documents, environment: str, one: Component) -> Iterator[_Asked]:
    home, operator = one.at("namespace"), operators(documents).get(environment)
    others = [
        Account(environment=environment, namespace=place, name="default")
        for place in _namespaces(documents, environment, one)
    ]
    others += [account for account in rightful(documents) if account.environment == environment]
    others += [operator] if operator else []
    for account in dict.fromkeys(others):
        for verb, action in (
            ("get", "read a sealing key"),
            ("create", "bring in a sealing key"),
            ("update", "replace a sealing key"),
            ("delete", "delete a sealing key"),
        ):
            access = Access(verb=verb, resource="secrets", namespace=home, name=ANY_NAME)
            yield _Asked(account=account, access=access, action=f"{action} of {home}", expected=False)
        # The operator's informers list the Secrets of the whole cluster, which RBAC cannot tell from reading: beside
        # External Secrets, whoever is its operator has the sealing keys too (see the page on isolation).
        lists = Access(verb="list", resource="secrets", namespace=home)
        yield _Asked(
            account=account, access=lists, action=f"list the sealing keys of {home}", expected=account == operator
        )
