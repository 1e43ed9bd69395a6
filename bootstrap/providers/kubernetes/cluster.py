"""One cluster's API over HTTP: where a kind lives, get, apply, delete. It knows nothing of Pulumi's properties."""

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import connect
from bootstrap.providers.resource import Call, ProviderError

if TYPE_CHECKING:
    import httpx2

FIELD_MANAGER = "pulumi-kubernetes"
_DISCOVERY_SECONDS = 10.0
_POLL_SECONDS = 0.25

Object = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where objects of a kind live in the API."""

    prefix: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str) -> str:
        scope = f"namespaces/{namespace}/" if self.namespaced else ""
        return f"{self.prefix}/{scope}{self.plural}/{name}"


class Cluster:
    """The API server behind a kubeconfig (its path, or its text). Nothing is read before the first call."""

    def __init__(self, kubeconfig: str) -> None:
        self.kubeconfig = kubeconfig
        self._lock = threading.Lock()
        self._http: httpx2.Client | None = None
        self._groups: dict[str, dict[str, Place]] = {}

    def place(self, api_version: str, kind: str, call: Call) -> Place:
        """Where a kind lives. A definition that was just made takes a moment to appear, so it is looked for a while."""
        remaining = _DISCOVERY_SECONDS
        while (found := self.find_place(api_version, kind)) is None:
            if remaining <= 0:
                raise ProviderError(f"the cluster has no kind {kind} in {api_version}: is its definition (CRD) there?")
            call.pause(_POLL_SECONDS)
            remaining -= _POLL_SECONDS
        return found

    def find_place(self, api_version: str, kind: str) -> Place | None:
        """Where a kind lives, or None if the cluster does not have it. What was found is kept."""
        known = self._groups.get(api_version, {}).get(kind)
        if known is not None:
            return known
        prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        response = self._request("GET", prefix)
        if response.status_code == 404:
            return None
        self._accept(response, f"the kinds of {api_version}")
        self._groups[api_version] = {
            item["kind"]: Place(prefix, item["name"], item["namespaced"])
            for item in response.json()["resources"]
            if "/" not in item["name"]
        }
        return self._groups[api_version].get(kind)

    def get(self, path: str) -> Object | None:
        """The object, or None."""
        response = self._request("GET", path)
        if response.status_code == 404:
            return None
        self._accept(response, path)
        return response.json()

    def apply(self, path: str, body: Object, *, confidential: bool) -> Object:
        """Server-side apply: our fields, taken from whoever changed them. `confidential` keeps text out of errors."""
        response = self._request(
            "PATCH",
            path,
            params={"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict", "force": "true"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            content=json.dumps(body),
        )
        self._accept(response, path, confidential=confidential)
        return response.json()

    def delete(self, path: str, uid: str) -> None:
        """Ask for the deletion of this very object."""
        options = {"propagationPolicy": "Background", "preconditions": {"uid": uid}}
        response = self._request("DELETE", path, content=json.dumps(options))
        # 409: another object has taken the name, so ours is gone.
        if response.status_code not in {404, 409}:
            self._accept(response, path)

    def _request(self, method: str, path: str, **options: Any) -> "httpx2.Response":
        import httpx2

        try:
            return self._client().request(method, path, **options)
        except httpx2.HTTPError as error:
            raise ProviderError(f"the cluster's API server does not answer ({type(error).__name__})") from None

    def _client(self) -> "httpx2.Client":
        with self._lock:
            if self._http is None:
                try:
                    self._http = connect(self.kubeconfig)
                except BootstrapError as error:
                    raise ProviderError(f"{error.what}: {error.why}") from None
            return self._http

    @staticmethod
    def _accept(response: "httpx2.Response", path: str, *, confidential: bool = False) -> None:
        if response.is_success:
            return
        try:
            status: Object = response.json()
        except ValueError:
            status = {}
        reason = status.get("reason") or f"HTTP {response.status_code}"
        message = "" if confidential else status.get("message", "")
        raise ProviderError(f"{path}: {reason}{': ' if message else ''}{message}")
