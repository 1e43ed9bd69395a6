"""Attacks on an environment whose keys and secrets are in Vault. Vault itself decides."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast

import httpx2

from bootstrap.proof import attribution, teams, tenants, tokens, vault_ci, vault_teams, vault_tenant_keys
from bootstrap.proof.attack import NO_SUCH, Attack
from bootstrap.proof.vault_answers import VAULT, log_in, refusable
from bootstrap.proof.vault_tenant import logged_in, tenant_role, token_of_an_account
from bootstrap.verification.environment import EnvironmentView
from bootstrap.verification.vault import VaultView
from bootstrap.waiting import wait_until

_REMEMBERED_SECONDS = 30
"""Longer than the API server takes a token without a second look, which is 10 seconds (`TokenSuccessCacheTTL`)."""


def attacks(view: EnvironmentView, others: Sequence[EnvironmentView]) -> Sequence[Attack]:
    """What is tried on an environment's manager and identity."""
    mine, theirs = cast(VaultView, view), [cast(VaultView, other) for other in others]
    return [
        *(_read_by(mine, other) for other in theirs),
        *_logins(mine, theirs),
        *(_by_the_operator(mine, name, call) for name, call in _excesses(mine).items()),
        *_by_machines(mine, theirs),
        _by_a_writer(mine),
        tenants.reads_its_neighbours_secret(mine, VAULT, lambda: tenant_role(mine)),
        attribution.reads_without_a_name(mine, "Vault's audit log"),
        # JWT auth does not ask the cluster: see the threat model.
        *([_by_a_deleted_account(mine)] if mine.references["identityKind"] == "vaultKubernetes" else ()),
        *teams.attacks(mine, VAULT),
        *vault_teams.attacks(mine),
        *vault_ci.attacks(mine, theirs),
        *vault_tenant_keys.attacks(mine),
    ]


def _read_by(view: VaultView, other: VaultView) -> Attack:
    def rightful() -> None:
        for owner in (view, other):
            owner.read_secret(owner.canary_address)

    return Attack(
        name=f"the operator of {other.name} reads a secret",
        control="the policy of its role",
        judge=VAULT,
        rightful=rightful,
        attempt=lambda: other.read_secret(view.canary_address),
    )


def _logins(view: VaultView, others: Sequence[VaultView]) -> list[Attack]:
    namespace = view.references["canary"]["namespace"]
    presented: dict[str, tuple[str, Callable[[], str]]] = {
        "another service account logs in as the operator": (
            "the role's service account",
            lambda: view.operator_token(name="default"),
        ),
        "a service account of another namespace logs in as the operator": (
            "the role's namespace",
            lambda: view.operator_token(namespace=namespace, name="default"),
        ),
        "a token for another audience logs in as the operator": (
            "the role's audience",
            lambda: view.service_account_token(view.references["issuerUrl"]),
        ),
        "an altered token logs in as the operator": (
            "the token's signature",
            lambda: tokens.altered(view.operator_token()),
        ),
        "a token with a forged subject logs in as the operator": (
            "the keys of the cluster",
            lambda: tokens.forged(view.operator_token()),
        ),
        "an expired token logs in as the operator": (
            "the token's `exp`",
            lambda: tokens.expired(view.operator_token(), view.issuer_key.read_bytes()),
        ),
    }
    if view.references["identityKind"] == "vaultKubernetes":  # JWT auth does not ask the cluster: see the threat model
        presented["a token whose object was deleted logs in as the operator"] = (
            "the cluster's review of the token",
            lambda: token_of_a_deleted_object(view),
        )
    for other in others:
        presented[f"the operator of {other.name}'s cluster logs in"] = (
            "the issuer of the role's mount",
            other.operator_token,
        )
        presented[f"a token in this cluster's name that {other.name}'s cluster signed logs in"] = (
            "the keys of the cluster",
            lambda other=other: tokens.signed_elsewhere(
                view.operator_token(), other.operator_token(), other.issuer_key.read_bytes()
            ),
        )
    return [
        Attack(
            name=name,
            control=control,
            judge=VAULT,
            rightful=lambda: log_in(view, view.operator_token()),
            attempt=lambda token=token: log_in(view, token()),
        )
        for name, (control, token) in presented.items()
    ]


def token_of_a_deleted_object(view: VaultView) -> str:
    """A token of the operator's that has ended with a Secret to which it was bound, long before its `exp`."""
    namespace = view.references["serviceAccount"]["namespace"]
    path = f"/api/v1/namespaces/{namespace}/secrets"
    bound = view.kubernetes.post(path, json={"metadata": {"name": NO_SUCH}}).raise_for_status().json()
    try:
        return view.operator_token(bound_to=bound["metadata"])
    finally:
        view.kubernetes.delete(f"{path}/{NO_SUCH}").raise_for_status()


def _excesses(view: VaultView) -> Mapping[str, Callable[[httpx2.Client], httpx2.Response]]:
    mount = view.references["secretsMount"]
    missing = f"/v1/{mount}/data/{NO_SUCH}"
    return {
        "the operator writes a secret": lambda http: http.post(missing, json={"data": {"value": "proof"}}),
        "the operator deletes a secret": lambda http: http.delete(missing),
        "the operator lists secrets": lambda http: http.request("LIST", f"/v1/{mount}/metadata"),
        "the operator uses the key of the secrets": lambda http: http.post(
            view.transit_path("decrypt", "secrets"), json={"ciphertext": "vault:v1:cHJvb2Y="}
        ),
        "the operator uses the etcd key": lambda http: http.post(
            view.transit_path("encrypt"), json={"plaintext": "cHJvb2Y="}
        ),
        "the operator reads the server's policies": lambda http: http.request("LIST", "/v1/sys/policies/acl"),
        "the operator mints a token of Vault": lambda http: http.post("/v1/auth/token/create", json={"ttl": "1s"}),
        # It names nobody, so that whoever is let through makes none.
        "the operator makes a role to log in by": lambda http: http.post(
            f"/v1/auth/{view.references['identityRole'].partition('/role/')[0]}/role/{NO_SUCH}", json={}
        ),
    }


def _by_the_operator(view: VaultView, name: str, call: Callable[[httpx2.Client], httpx2.Response]) -> Attack:
    def attempt() -> None:
        with view.identity() as http:
            refusable(call(http))

    return Attack(
        name=name,
        control="the policy of its role",
        judge=VAULT,
        rightful=lambda: view.read_secret(view.canary_address),
        attempt=attempt,
    )


def _by_machines(view: VaultView, others: Sequence[VaultView]) -> list[Attack]:
    def encrypt(owner: VaultView) -> None:
        with owner.node() as http:
            refusable(http.post(view.transit_path("encrypt"), json={"plaintext": "cHJvb2Y="}))

    def read() -> None:
        with view.vault.login() as deployer:
            refusable(deployer.get(f"/v1/{view.canary_address}"))

    return [
        *(
            Attack(
                name=f"a node of {other.name} uses the etcd key",
                control="the policy of the node's role",
                judge=VAULT,
                rightful=lambda: encrypt(view),
                attempt=lambda other=other: encrypt(other),
            )
            for other in others
        ),
        Attack(
            name="whoever runs Pulumi reads a secret",
            control="the deployer's policy",
            judge=VAULT,
            rightful=view.keys_rotate,
            attempt=read,
        ),
    ]


def _by_a_writer(view: VaultView) -> Attack:
    """Whoever was given the environment's policy for writers, as a service account here."""
    container = f"{tenants.PREFIX}secret"
    path = f"/v1/{view.address_of(container)}"

    def try_(call: Callable[[httpx2.Client], httpx2.Response]) -> None:
        with tenants.filled(view, container), logged_in(view, [view.references["writersPolicy"]]) as writer:
            refusable(call(writer))

    return Attack(
        name="a writer reads the secret that it writes",
        control="the writers' policy",
        judge=VAULT,
        rightful=lambda: try_(lambda http: http.post(path, json={"data": {"value": "proof"}}).raise_for_status()),
        attempt=lambda: try_(lambda http: http.get(path)),
    )


def _by_a_deleted_account(view: VaultView) -> Attack:
    def present(*, deleted: bool) -> None:
        with token_of_an_account(view, deleted=deleted) as (token, role):
            if deleted:
                with suppress(TimeoutError):
                    wait_until(lambda: view.try_login(token, role).is_error, seconds=_REMEMBERED_SECONDS)
            log_in(view, token, role)

    return Attack(
        name="a token of a deleted service account logs in",
        control="the cluster's review of the token",
        judge=VAULT,
        rightful=lambda: present(deleted=False),
        attempt=lambda: present(deleted=True),
    )
