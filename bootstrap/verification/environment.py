"""One environment of a running stack, seen from outside: its references, its cluster, and what its identity can get.

What is the same on every secret manager is here. A manager's own module says how its keys, its identity and its secrets
are asked for.
"""

import base64
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import httpx2
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from bootstrap.kubernetes_api import connect
from bootstrap.localcloud.cloud import LocalCloud

_LIST_SECONDS = 30

Claim = tuple[str, Callable[[], str]]


class GateError(Exception):
    """The claim does not hold."""


class RefusedError(Exception):
    """The manager refused access, in the words that it has for that."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentView(ABC):
    """What every view has.

    references: the stack's output for this environment. raw_etcd_value(namespace, secret): from etcd itself.
    issuer_key: the file of the private key with which this cluster signs tokens.
    """

    name: str
    references: Mapping[str, Any]
    raw_etcd_value: Callable[[str, str], bytes]
    operator_environments: Callable[[], list[dict[str, str]]]
    issuer_key: Path

    @abstractmethod
    def keys_rotate(self) -> str:
        """Evidence that the environment's keys can be used and rotate. Raises GateError."""

    @abstractmethod
    def etcd_key_is_used(self, raw: bytes) -> str:
        """Evidence that a raw value of etcd is under the environment's own key. Raises GateError."""

    @abstractmethod
    def identity_is_bound(self) -> str:
        """Evidence that the operator's service account becomes the environment's identity. Raises GateError."""

    @property
    @abstractmethod
    def canary_address(self) -> str:
        """Where the canary is in the manager, so that any environment's identity can ask for it."""

    @abstractmethod
    def read_secret(self, address: str) -> bytes:
        """A value in the manager, read with this environment's identity. Raises RefusedError."""

    @abstractmethod
    def fill(self, name: str, value: str) -> None:
        """Make a container and put a value into it, out of band: as the deployer, who may do so in `argocd/` only."""

    @abstractmethod
    def fill_first(self, name: str, value: str) -> None:
        """Put the first value into a declared container, out of band: as the writer. What has a value keeps it."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove such a container with all that is in it; one that is not there is removed already."""

    @abstractmethod
    def address_of(self, name: str) -> str:
        """Where a container is, as `read_secret` and the manager's log say it."""

    @abstractmethod
    def key_of(self, name: str) -> str:
        """The same as an ExternalSecret says it."""

    @abstractmethod
    def presented(self) -> Iterator[tuple[str, str]]:
        """What it is, and a secret that is nowhere at rest: a token of the operator's account and of each of `beside`,
        what the manager gives for it, and a key of each tenant's."""

    @property
    def beside(self) -> Mapping[str, Mapping[str, Any]]:
        """CI and tenants, where the stack's references name them: how each becomes whom it is in the manager."""
        ci, tenants = self.references.get("ci"), self.references.get("tenantKeys", {}).get("tenants", {})
        return {**({"CI": ci} if ci else {}), **{f"tenant {tenant}": one for tenant, one in tenants.items()}}

    @property
    @abstractmethod
    def reader(self) -> str:
        """The operator as the manager's log should name it: its account as `namespace/name`, and whose that is."""

    @abstractmethod
    def readers_of(self, address: str) -> Sequence[str]:
        """Who got a value, as the manager's log names them: one for each read that was answered."""

    def own_claims(self) -> Sequence[Claim]:
        """Claims that this manager alone can be asked about."""
        return ()

    def explain(self, error: Exception) -> str:
        """What may be said about an answer that nobody expected: its code, never its text."""
        return str(getattr(getattr(error, "response", None), "status_code", ""))

    @property
    def account(self) -> str:
        """The operator's service account, `namespace/name`."""
        account = self.references["serviceAccount"]
        return f"{account['namespace']}/{account['name']}"

    @cached_property
    def kubernetes(self) -> httpx2.Client:
        """The cluster's API, as the kubeconfig's user."""
        return connect(self.references["kubeconfigPath"])

    def custom_resource(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
        """An object of the External Secrets API as the API server holds it."""
        path = f"/apis/external-secrets.io/v1/{'' if namespace is None else f'namespaces/{namespace}/'}{kind}/{name}"
        return self.get(path)

    def like_the_first_sync(
        self, name: str, *, store: Mapping[str, str] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """An ExternalSecret like the first sync's, by another store or of another container."""
        first = self.references["canary"]
        spec = self.custom_resource("externalsecrets", first["name"], first["namespace"])["spec"]
        (data,) = spec["data"]
        if key is not None:
            data = {**data, "remoteRef": {**data["remoteRef"], "key": key}}
        return {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": name},
            "spec": {
                "refreshInterval": "1h0m0s",
                "secretStoreRef": spec["secretStoreRef"] if store is None else dict(store),
                "target": {"name": name},
                "data": [data],
            },
        }

    def get(self, path: str) -> dict[str, Any]:
        return dict(self.kubernetes.get(path).raise_for_status().json())

    def objects_that_are_not_secrets(self) -> Iterator[tuple[str, bytes]]:
        """Everything else that the API lists: each resource's name, and the list as it came."""
        versions = (f"/apis/{group['preferredVersion']['groupVersion']}" for group in self.get("/apis")["groups"])
        for base in ("/api/v1", *versions):
            for resource in self.get(base)["resources"]:
                if "list" in resource["verbs"] and (base, resource["name"]) != ("/api/v1", "secrets"):
                    listed = _list(self.kubernetes, f"{base}/{resource['name']}")
                    yield resource["name"], listed.raise_for_status().content

    def secret_data(self, namespace: str, name: str) -> dict[str, bytes]:
        data = self.get(f"/api/v1/namespaces/{namespace}/secrets/{name}").get("data") or {}
        return {key: base64.b64decode(value) for key, value in data.items()}

    def service_account_token(
        self, *audiences: str, namespace: str = "", name: str = "", bound_to: Mapping[str, str] | None = None
    ) -> str:
        """A short-lived token of a service account (by default the operator's), minted by this cluster.

        bound_to: the name and uid of a Secret with which the token is to end.
        """
        account = self.references["serviceAccount"]
        namespace, name = namespace or account["namespace"], name or account["name"]
        spec: dict[str, Any] = {"audiences": audiences, "expirationSeconds": 600}
        if bound_to is not None:
            reference = {"apiVersion": "v1", "kind": "Secret", "name": bound_to["name"], "uid": bound_to["uid"]}
            spec["boundObjectRef"] = reference
        body = {"spec": spec}
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        return str(self.kubernetes.post(path, json=body).raise_for_status().json()["status"]["token"])


@retry(
    retry=retry_if_result(lambda answer: answer.status_code == HTTPStatus.TOO_MANY_REQUESTS),
    stop=stop_after_delay(_LIST_SECONDS),
    wait=wait_fixed(0.2),
    retry_error_callback=lambda state: cast(Any, state.outcome).result(),
)
def _list(kubernetes: httpx2.Client, path: str) -> httpx2.Response:
    """The API server answers 429 for a definition that it has known for a moment only: that is no list yet."""
    return kubernetes.get(path)


def view_of(cloud: LocalCloud, **seen: Any) -> EnvironmentView:
    """The view of the cloud's kind; `seen` is what every view has."""
    return cast(EnvironmentView, import_module(f"bootstrap.verification.{cloud.kind}").view(cloud, **seen))
