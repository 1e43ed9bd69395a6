"""One connection to one Vault, made when first used: a preview needs none and works without a Vault."""

import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import ProviderError

if TYPE_CHECKING:
    import hvac

# The variables that the official provider takes where its configuration has nothing.
_VARIABLES = {"address": "VAULT_ADDR", "caCertFile": "VAULT_CACERT", "token": "VAULT_TOKEN"}
_BEFORE_EXPIRY_SECONDS = 30
_TRIES, _PAUSE_SECONDS = 20, 0.25
# A kv engine of version 2 prepares its storage after it is mounted, and refuses everything until then.
_NOT_READY_YET = "Upgrading from non-versioned to versioned"
_NOTHING_THERE = ("No secret engine mount at", "No auth engine at", "no handler for route")


class VaultClient:
    """Reads and writes paths of the API, as the token or the TLS client certificate of the configuration."""

    def __init__(self) -> None:
        self.config: Properties = {}
        self._client: hvac.Client | None = None
        self._expiry = float("inf")
        self._lock = threading.Lock()

    def read(self, path: str) -> Any:
        """What is at a path, or None."""
        from hvac.exceptions import VaultError

        try:
            found: Any = self._api().read(path)
        except VaultError as error:
            if _says(error, *_NOTHING_THERE):
                return None
            raise refused("read", path, error) from None
        return None if found is None else found.get("data", {})

    def write(self, path: str, body: Properties) -> None:
        from hvac.exceptions import VaultError

        for tries_left in reversed(range(_TRIES)):
            try:
                self._api().write_data(path, data=body)
            except VaultError as error:
                if not (tries_left and _says(error, _NOT_READY_YET)):
                    raise refused("write", path, error) from None
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def delete(self, path: str) -> None:
        """Delete what is at a path; that nothing is there is no error."""
        from hvac.exceptions import InvalidPath, VaultError

        try:
            self._api().delete(path)
        except InvalidPath:
            return
        except VaultError as error:
            if not _says(error, *_NOTHING_THERE):
                raise refused("delete", path, error) from None

    def _api(self) -> "hvac.Client":
        with self._lock:
            if self._client is None or time.monotonic() > self._expiry:
                self._client = self._connect()
            return self._client

    def _connect(self) -> "hvac.Client":
        import hvac
        import requests
        from hvac.exceptions import VaultError

        address, authority, token = (self._setting(name) for name in _VARIABLES)
        if not address:
            raise ProviderError("the vault provider has no address: give `address` to it")
        session = requests.Session()
        session.trust_env = False
        login = self.config.get("authLoginCert")
        if login:
            session.cert = (login["certFile"], login["keyFile"])
        elif not token:
            raise ProviderError("the vault provider has no way in: give `authLoginCert` to it, or set VAULT_TOKEN")
        # An empty token, so that hvac takes none from ~/.vault-token.
        client = hvac.Client(url=address, token="" if login else token, verify=authority or True, session=session)
        client.session.verify = authority or True
        if login:
            path = f"auth/{login.get('mount', 'cert')}/login"
            try:
                answer: Any = client.write_data(path, data={"name": login["name"]} if login.get("name") else {})
            except VaultError as error:
                raise refused("login", path, error) from None
            client.token = answer["auth"]["client_token"]
            lease = answer["auth"]["lease_duration"]
            self._expiry = time.monotonic() + max(lease - _BEFORE_EXPIRY_SECONDS, lease / 2)
        return client

    def _setting(self, name: str) -> str | None:
        return self.config.get(name) or os.environ.get(_VARIABLES[name])


def parsed_config(config: Properties) -> Properties:
    """The provider's configuration with what arrives as JSON in a text made an object."""
    login = config.get("authLoginCert")
    return {**config, "authLoginCert": json.loads(login)} if isinstance(login, str) else config


def refused(what: str, path: str, error: Any) -> ProviderError:
    """Vault's refusal as text for people. Bodies are not repeated: they may hold a value."""
    return ProviderError(f"{what} {path}: {'; '.join(error.errors or ()) or type(error).__name__}")


def _says(error: Any, *texts: str) -> bool:
    return any(text in said for said in error.errors or () for text in texts)
