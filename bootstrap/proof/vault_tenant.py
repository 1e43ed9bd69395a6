"""Logins in Vault beside the operator's: a tenant's, a writer's, and one whose service account is deleted."""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import httpx2

from bootstrap.proof import stage
from bootstrap.proof.tenants import PREFIX, TENANT, Grant
from bootstrap.verification.vault import VaultView
from bootstrap.waiting import wait_until


@contextmanager
def tenant_role(view: VaultView) -> Iterator[Grant]:
    """The operator's policy for the tenant's prefix, and a role that gives it."""
    mount, operator = view.references["secretsMount"], view.references["identityRole"].rpartition("/role/")[2]
    policy = f"{operator}-{TENANT}"
    with view.vault.login() as deployer:
        text = deployer.get(f"/v1/sys/policies/acl/{operator}").raise_for_status().json()["data"]["policy"]
        for part in ("data", "metadata"):
            text = text.replace(f"{mount}/{part}/", f"{mount}/{part}/{PREFIX}")
        deployer.put(f"/v1/sys/policies/acl/{policy}", json={"policy": text}).raise_for_status()
        try:
            with login_role(view, [policy]) as role:
                yield Grant(provider=_provider(view, role.rpartition("/role/")[2]))
        finally:
            deployer.delete(f"/v1/sys/policies/acl/{policy}").raise_for_status()


@contextmanager
def login_role(view: VaultView, policies: Sequence[str]) -> Iterator[str]:
    """A role like the operator's that gives these policies to the service account of `proof-outside`."""
    mount, _, operator = view.references["identityRole"].partition("/role/")
    account = view.references["serviceAccount"]["name"]
    bounds = {
        "vaultJwt": {"bound_subject": f"system:serviceaccount:{stage.OUTSIDE}:{account}"},
        "vaultKubernetes": {"bound_service_account_namespaces": [stage.OUTSIDE]},
    }[view.references["identityKind"]]
    path = f"/v1/auth/{mount}/role/{TENANT}"
    with view.vault.login() as deployer, _reviewing(view):
        kept = deployer.get(f"/v1/auth/{mount}/role/{operator}").raise_for_status().json()["data"]
        deployer.post(path, json={**kept, **bounds, "token_policies": list(policies)}).raise_for_status()
        try:
            yield f"{mount}/role/{TENANT}"
        finally:
            deployer.delete(path).raise_for_status()


@contextmanager
def logged_in(view: VaultView, policies: Sequence[str]) -> Iterator[httpx2.Client]:
    """The API as a service account of the cluster that was given these policies."""
    with stage.foreign_namespace(view), login_role(view, policies) as role, view.vault.anonymous() as http:
        given = view.try_login(_accepted_token(view, role), role).raise_for_status().json()["auth"]
        http.headers["X-Vault-Token"] = given["client_token"]
        yield http


@contextmanager
def token_of_an_account(view: VaultView, *, deleted: bool) -> Iterator[tuple[str, str]]:
    """A token that counted a moment ago, and the role that took it. Its service account may be deleted since."""
    operator = view.references["identityRole"].rpartition("/role/")[2]
    with stage.foreign_namespace(view), login_role(view, [operator]) as role:
        token = _accepted_token(view, role)
        if deleted:
            stage.delete_account(view)
        yield token, role


def _accepted_token(view: VaultView, role: str) -> str:
    """The API server learns of a new binding by its watch, so the first answers may be refusals."""
    token = view.operator_token(namespace=stage.OUTSIDE)
    wait_until(lambda: view.try_login(token, role).is_success, seconds=10)
    return token


def _reviewing(view: VaultView) -> AbstractContextManager[None]:
    """Where Vault asks with the very token that it was given, its account has to be allowed to."""
    if view.references["identityKind"] == "vaultKubernetes":
        return stage.cluster_role(view, "external-secrets-review")
    return nullcontext()


def _provider(view: VaultView, role: str) -> dict[str, object]:
    provider = json.loads(json.dumps(stage.shared_provider(view)))
    (settings,) = provider["vault"]["auth"].values()
    settings["role"] = role
    return provider
