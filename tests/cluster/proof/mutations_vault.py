"""Controls of Vault taken away, one attack at a time, and put back."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx2

from bootstrap.localcloud.vault.client import LocalVault
from bootstrap.proof.attack import NO_SUCH
from bootstrap.verification.vault import VaultView
from tests.cluster.proof.mutations import everybody_reviews_tokens, of_the_secret, one_credential_for_all

_ALL = ("create", "delete", "list", "read", "update")


@contextmanager
def allowed(view: VaultView, *paths: str, role: str = "external-secrets") -> Iterator[None]:
    """The policy of one of the environment's roles has more rules."""
    name = f"{view.references['identityRole'].rpartition('/')[2].removesuffix('external-secrets')}{role}"
    with view.vault.login() as deployer:
        path = f"/v1/sys/policies/acl/{name}"
        kept = deployer.get(path).raise_for_status().json()["data"]["policy"]
        document = json.loads(kept)
        document["path"].update({one: {"capabilities": list(_ALL)} for one in paths})
        deployer.put(path, json={"policy": json.dumps(document)}).raise_for_status()
        yield
        deployer.put(path, json={"policy": kept}).raise_for_status()
        deployer.delete(f"/v1/{view.references['secretsMount']}/metadata/{NO_SUCH}").raise_for_status()


@contextmanager
def policy_of_the_environment(view: VaultView, policy: str, folder: str) -> Iterator[None]:
    """A policy names the environment's mount instead of the folder that it is for."""
    path = f"/v1/sys/policies/acl/{policy}"
    with view.vault.login() as deployer:
        kept = deployer.get(path).raise_for_status().json()["data"]["policy"]
        wide = json.dumps(json.loads(kept)).replace(f"/data/{folder}/*", "/data/*")
        assert wide != kept
        deployer.put(path, json={"policy": wide}).raise_for_status()
        try:
            yield
        finally:
            deployer.put(path, json={"policy": kept}).raise_for_status()


@contextmanager
def login_changed(view: VaultView, role: str = "", **fields: Any) -> Iterator[None]:
    """A role that somebody logs in by, with other bounds. role: as `<mount>/role/<name>`, by default the operator's."""
    path = f"/v1/auth/{role or view.references['identityRole']}"
    with view.vault.login() as deployer:
        kept: Mapping[str, Any] = deployer.get(path).raise_for_status().json()["data"]
        deployer.post(path, json={**kept, **fields}).raise_for_status()
        yield
        deployer.post(path, json=dict(kept)).raise_for_status()


@contextmanager
def any_account(view: VaultView, role: str = "") -> Iterator[None]:
    """Service accounts of any name and namespace log in, and may ask the API server about their own tokens."""
    everybody = {"bound_service_account_names": ["*"], "bound_service_account_namespaces": ["*"]}
    fields = {"bound_subject": ""} if view.references["identityKind"] == "vaultJwt" else everybody
    with login_changed(view, role, **fields), everybody_reviews_tokens(view):
        yield


def any_audience(view: VaultView) -> dict[str, Any]:
    """Bounds that let in tokens for the API server, which the operator's is meant for too."""
    issuer = view.references["issuerUrl"]
    if view.references["identityKind"] == "vaultJwt":
        return {"bound_audiences": [*view.audiences, issuer]}
    return {"audience": issuer}


@contextmanager
def deployer_reads(view: VaultView) -> Iterator[None]:
    """The deployer's own policy lets it read values: only a root token, made with the unseal key, can say so."""
    with root(view.vault) as http:
        path = "/v1/sys/policies/acl/deployer"
        kept = http.get(path).raise_for_status().json()["data"]["policy"]
        document = json.loads(kept)
        document["path"][view.canary_address] = {"capabilities": ["read"]}
        http.put(path, json={"policy": json.dumps(document)}).raise_for_status()
        yield
        http.put(path, json={"policy": kept}).raise_for_status()


@contextmanager
def deployer_reads_for_all(view: VaultView) -> Iterator[None]:
    """The operator reads with a token of the deployer's."""
    with view.vault.login() as deployer:
        token = {"token": deployer.headers["X-Vault-Token"]}
        with one_credential_for_all(view, {"tokenSecretRef": of_the_secret(view, "token")}, token):
            yield


@contextmanager
def root(vault: LocalVault) -> Iterator[httpx2.Client]:
    """The API as root, as whoever holds the unseal key can become it (Vault, "Generate root tokens")."""
    with vault.anonymous() as http:
        begun = http.post("/v1/sys/generate-root/attempt", json={}).raise_for_status().json()
        proof = {"key": vault.own_secrets()[0], "nonce": begun["nonce"]}
        done = http.post("/v1/sys/generate-root/update", json=proof).raise_for_status().json()
        encoded = done["encoded_token"]
        scrambled = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
        token = bytes(one ^ other for one, other in zip(scrambled, begun["otp"].encode(), strict=True)).decode()
        http.headers["X-Vault-Token"] = token
        yield http
        http.post("/v1/auth/token/revoke-self").raise_for_status()


def container(view: VaultView, part: str) -> Sequence[str]:
    """The rules for a container that is not there, or for the list of all."""
    mount = view.references["secretsMount"]
    return [f"{mount}/data/{NO_SUCH}"] if part == "data" else [f"{mount}/metadata", f"{mount}/metadata/*"]
