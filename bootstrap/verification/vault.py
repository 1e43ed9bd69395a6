"""An environment whose keys and secrets are in Vault: what engines, auth methods and audit log are asked."""

import base64
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

import httpx2
from typing_extensions import override

from bootstrap.localcloud.vault.client import LocalVault
from bootstrap.verification.environment import Claim, EnvironmentView, GateError, RefusedError
from bootstrap.verification.vault_tenants import seal

_CIPHERTEXT = re.compile(rb"vault:v[0-9]+:[A-Za-z0-9+/=]+")


@dataclass(frozen=True, kw_only=True)
class VaultView(EnvironmentView):
    """`vault`: the server, which the harness can be the deployer, a node or nobody in."""

    vault: LocalVault

    @override
    def keys_rotate(self) -> str:
        with self.vault.login() as deployer:
            for purpose in ("secrets", "etcd", "tenants"):
                key = self._get(deployer, self.references[f"{purpose}KeyId"])
                if key["exportable"] or key["allow_plaintext_backup"]:
                    raise GateError(f"the {purpose} key can leave Vault")
                if key["auto_rotate_period"] <= 0:
                    raise GateError(f"the {purpose} key does not rotate")
        return "secrets, etcd and tenants keys: not exportable, rotation on"

    @override
    def etcd_key_is_used(self, raw: bytes) -> str:
        """The node's own certificate and the environment's key open the data key that stands beside the ciphertext."""
        found = _CIPHERTEXT.search(raw)
        if found is None:
            raise GateError("the raw etcd value holds no ciphertext of a transit key")
        with self.node() as http:
            answer = http.post(self.transit_path("decrypt"), json={"ciphertext": found[0].decode()})
        if answer.is_error:
            raise GateError("the environment's etcd key does not open the raw etcd value")
        return "the environment's etcd key opens its data key"

    @override
    def identity_is_bound(self) -> str:
        role = self.references["identityRole"].rpartition("/role/")[2]
        given = self.try_login(self.operator_token()).raise_for_status().json()["auth"]["policies"]
        if given != [role]:  # its one policy has its name
            raise GateError(f"a login as {role} gives the policies {', '.join(given)}")
        account = self.references["serviceAccount"]
        return f"{self.references['identityKind']}: {account['namespace']}/{account['name']} is {role}"

    @property
    @override
    def canary_address(self) -> str:
        return f"{self.references['secretsMount']}/data/{self.references['canarySecret']}"

    @override
    def read_secret(self, address: str) -> bytes:
        with self.identity() as http:
            return str(self._get(http, address)["data"]["value"]).encode()

    @override
    def fill(self, name: str, value: str) -> None:
        with self.vault.login() as deployer:
            deployer.post(f"/v1/{self.address_of(name)}", json={"data": {"value": value}}).raise_for_status()

    @override
    def fill_first(self, name: str, value: str) -> None:
        first = {"data": {"value": value}, "options": {"cas": 0}}
        with self.vault.login_as_writer(self.references["writersPolicy"]) as writer:
            answer = writer.post(f"/v1/{self.address_of(name)}", json=first)
        if answer.status_code != HTTPStatus.BAD_REQUEST:  # it has a version
            answer.raise_for_status()

    @override
    def remove(self, name: str) -> None:
        with self.vault.login() as deployer:
            deployer.delete(f"/v1/{self.references['secretsMount']}/metadata/{name}").raise_for_status()

    @override
    def address_of(self, name: str) -> str:
        return f"{self.references['secretsMount']}/data/{name}"

    @override
    def key_of(self, name: str) -> str:
        return name

    @override
    def presented(self) -> Iterator[tuple[str, str]]:
        operator: Mapping[str, Any] = {"role": None, "serviceAccount": {}, "audiences": self.audiences}
        for who, login in {"the operator": operator, **self.beside}.items():
            token = self.service_account_token(*login["audiences"], **login["serviceAccount"])
            given = self.try_login(token, login["role"]).raise_for_status().json()["auth"]["client_token"]
            yield f"the token of {who}", token
            yield f"what Vault gave {who}", given
            if "keyId" in login:
                key = base64.b64encode(secrets.token_bytes(32)).decode()
                with self.as_holder_of(given) as http:
                    seal(http, login, who.removeprefix("tenant "), key).raise_for_status()
                yield f"a key of {who}", key

    @override
    def own_claims(self) -> Sequence[Claim]:
        return (("audit log names who read the first secret", self.read_is_audited),)

    def read_is_audited(self) -> str:
        """Every read that Vault answered was the operator's account's, and there was one."""
        address, reads = self.canary_address, self.readers_of(self.canary_address)
        if set(reads) != {self.reader}:
            raise GateError(f"the log has {len(reads)} reads of {address}, not all by {self.account}")
        return f"{len(reads)} reads of {address}, each by {self.account}"

    @property
    @override
    def reader(self) -> str:
        return _reader(self.account, self.references["identityRole"].rpartition("/role/")[2])

    @override
    def readers_of(self, address: str) -> Sequence[str]:
        return [
            _named(entry.get("auth") or {})
            for entry in self.vault.audit()
            if (entry["type"], entry["request"]["path"], entry["request"]["operation"]) == ("response", address, "read")
            and "error" not in entry
        ]

    def operator_token(self, **account: Any) -> str:
        """A token of a service account (by default the operator's) as the store asks for it."""
        return self.service_account_token(*self.audiences, **account)

    @property
    def audiences(self) -> Sequence[str]:
        """What the operator's tokens are meant for, as the store says."""
        store = self.custom_resource("clustersecretstores", self.references["storeName"])
        auth: dict[str, Any] = store["spec"]["provider"]["vault"]["auth"]
        if "jwt" in auth:
            return auth["jwt"]["kubernetesServiceAccountToken"]["audiences"]
        return auth["kubernetes"]["serviceAccountRef"]["audiences"]

    def try_login(self, token: str, role: str | None = None) -> httpx2.Response:
        """What Vault answers to a token for a role, `<mount>/role/<name>`; by default the environment's own."""
        mount, _, name = (role or self.references["identityRole"]).partition("/role/")
        with self.vault.anonymous() as http:
            return http.post(f"/v1/auth/{mount}/login", json={"role": name, "jwt": token})

    @cached_property
    def _login(self) -> dict[str, Any]:
        return self.try_login(self.operator_token()).raise_for_status().json()["auth"]

    def identity(self) -> httpx2.Client:
        """The API as the environment's own identity."""
        return self.as_holder_of(self._login["client_token"])

    def as_holder_of(self, token: str) -> httpx2.Client:
        """The API as whoever has a token of Vault's."""
        http = self.vault.anonymous()
        http.headers["X-Vault-Token"] = token
        return http

    def node(self) -> httpx2.Client:
        """The API as the cluster's node."""
        return self.vault.login_as_node(self.references["clusterName"])

    def transit_path(self, operation: str, purpose: str = "etcd") -> str:
        """Where one of the environment's keys is used."""
        mount, _, key = self.references[f"{purpose}KeyId"].rpartition("/keys/")
        return f"/v1/{mount}/{operation}/{key}"

    def _get(self, http: httpx2.Client, path: str) -> dict[str, Any]:
        answer = http.get(f"/v1/{path}")
        if answer.status_code == HTTPStatus.FORBIDDEN:
            raise RefusedError("permission denied")
        return dict(answer.raise_for_status().json()["data"])


def _named(auth: dict[str, Any]) -> str:
    """Kubernetes auth says the account in metadata, JWT auth in the name; both say the role of the environment."""
    metadata = auth.get("metadata") or {}
    account = f"{metadata.get('service_account_namespace')}/{metadata.get('service_account_name')}"
    if "service_account_name" not in metadata:
        account = auth.get("display_name", "").rpartition("system:serviceaccount:")[2].replace(":", "/")
    return _reader(account, str(metadata.get("role")))


def _reader(account: str, role: str) -> str:
    return f"{account} as {role}"


def view(cloud: LocalVault, **seen: Any) -> VaultView:
    return VaultView(vault=cloud, **seen)
