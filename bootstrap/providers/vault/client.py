"""One connection to one Vault, made when first used: a preview needs none and works without a Vault."""

import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from bootstrap.providers.fields import Field, faults
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import ProviderError

if TYPE_CHECKING:
    import hvac

# The variables that the official provider takes where its configuration has nothing.
_VARIABLES = {"address": "VAULT_ADDR", "caCertFile": "VAULT_CACERT", "token": "VAULT_TOKEN"}
_LOGIN = {
    "certFile": Field(kind=str, required=True),
    "keyFile": Field(kind=str, required=True),
    "mount": Field(kind=str),
    "name": Field(kind=str),
}
_BEFORE_EXPIRY_SECONDS = 30
_TRIES, _PAUSE_SECONDS = 40, 0.25
# A kv engine of version 2 prepares its storage after it is mounted, and refuses everything until then.
_NOT_READY_YET = "Upgrading from non-versioned to versioned"
_NOTHING_THERE = ("No secret engine mount at", "No auth engine at", "no handler for route")


class RefusedError(ProviderError):
    """Vault's refusal, or its silence. It repeats no body: that may hold a value."""

    def __init__(self, what: str, path: str, error: Any) -> None:
        self.reasons: list[str] = list(getattr(error, "errors", None) or ())
        super().__init__(f"{what} {path}: {'; '.join(self.reasons) or type(error).__name__}")

    def says(self, *texts: str) -> bool:
        return any(text in reason for reason in self.reasons for text in texts)


class VaultClient:
    """Reads and writes paths of the API, as the token or the TLS client certificate of the configuration."""

    def __init__(self) -> None:
        self.config: Properties = {}
        self._client: hvac.Client | None = None
        self._expiry = float("inf")
        self._lock = threading.Lock()

    def read(self, path: str) -> Any:
        """What is at a path, or None."""
        try:
            found = self._ask("read", path)
        except RefusedError as error:
            if error.says(*_NOTHING_THERE):
                return None
            raise
        return None if found is None else found.get("data") or {}

    def write(self, path: str, body: Properties) -> None:
        for tries_left in reversed(range(_TRIES)):
            try:
                self._ask("write_data", path, data=body)
            except RefusedError as error:
                if not tries_left or not error.says(_NOT_READY_YET):
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def delete(self, path: str) -> None:
        """Delete what is at a path; that its mount is gone is no error."""
        try:
            self._ask("delete", path)
        except RefusedError as error:
            if not error.says(*_NOTHING_THERE):
                raise

    def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        with self._lock:
            if self._client is None or time.monotonic() > self._expiry:
                self._client = self._connect()
        return _asked(self._client, method, path, **arguments)

    def _connect(self) -> "hvac.Client":
        import hvac
        import requests

        address, authority, token = (self.config.get(name) or os.environ.get(_VARIABLES[name]) for name in _VARIABLES)
        login = self.config.get("authLoginCert")
        if not address:
            raise ProviderError("the vault provider has no address: give `address` to it")
        if not login and not token:
            raise ProviderError("the vault provider has no way in: give `authLoginCert` to it, or set VAULT_TOKEN")
        session = requests.Session()
        session.trust_env, session.verify = False, authority or True
        if not login:
            return hvac.Client(url=address, token=token, session=session)
        session.cert = (login["certFile"], login["keyFile"])
        client = hvac.Client(url=address, token="", session=session)  # an empty one: hvac takes none from the home
        body = {"name": login["name"]} if login.get("name") else {}
        granted = _asked(client, "write_data", f"auth/{login.get('mount', 'cert')}/login", data=body)["auth"]
        client.token = granted["client_token"]
        seconds = granted["lease_duration"]
        self._expiry = time.monotonic() + max(seconds - _BEFORE_EXPIRY_SECONDS, seconds / 2)
        return client


def _asked(client: "hvac.Client", method: str, path: str, **arguments: Any) -> Any:
    from hvac.exceptions import VaultError
    from requests import RequestException

    try:
        return getattr(client, method)(path, **arguments)
    except (VaultError, RequestException) as error:
        raise RefusedError(method.removesuffix("_data"), path, error) from None


def parsed_config(config: Properties) -> Properties:
    """The provider's configuration with what arrives as JSON in a text made an object."""
    login = config.get("authLoginCert")
    if not isinstance(login, str):
        return config
    parsed = json.loads(login)
    wrong = [fault.path for fault in faults(_LOGIN, parsed, "authLoginCert.")]
    if wrong:
        # The SDK spells the keys of a plain dictionary in its own way, not in the schema's.
        raise ProviderError(f"{', '.join(wrong)}: unknown or missing; give a vault.ProviderAuthLoginCertArgs")
    return {**config, "authLoginCert": parsed}
