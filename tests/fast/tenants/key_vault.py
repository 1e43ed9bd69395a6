"""The real KeyClient of azure-keyvault-keys, on a Key Vault in this process that answers as its REST API would.

Source: Key Vault REST API reference, "Keys": Get Key, Rotate Key, Unwrap Key, Delete Key.
"""

import base64
import io
import json
import os
from typing import Any

import requests
import urllib3
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from azure.keyvault.keys import KeyClient
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from requests.adapters import BaseAdapter

URL = "https://platform-prod-keys.vault.azure.net"
_OAEP = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)
_MISSING = {"error": {"code": "KeyNotFound", "message": "A key with (name/id) was not found in this key vault."}}
_CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"'


class Service(BaseAdapter):
    """Keys by name, each with its versions by id, the newest last.

    `calls` are the requests with a token, without the looks at a version that the library takes before it unwraps.
    """

    def __init__(self, *tenants: str) -> None:
        super().__init__()
        self.keys: dict[str, dict[str, rsa.RSAPrivateKey]] = {f"tenant-{one}": dict([_version()]) for one in tenants}
        self.deleted: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if "Authorization" not in request.headers:
            return _response(request, 401, {}, {"WWW-Authenticate": _CHALLENGE})
        kind, name, *rest = (request.path_url or "").partition("?")[0].strip("/").split("/")
        if kind == "deletedkeys":
            return _response(request, 200, self.deleted[name])
        if not (request.method == "GET" and rest):
            self.calls.append(f"{request.method} {'/'.join([kind, name, *rest])}")
        versions = self.keys.get(name, {})
        version = rest[0] if rest and rest[0] in versions else next(reversed(versions), "")
        if not versions or (rest and rest[0] not in (*versions, "rotate")):
            return _response(request, 404, _MISSING)
        if request.method == "DELETE":
            bundle = _bundle(name, version, versions[version])
            self.deleted[name] = {**bundle, "recoveryId": f"{URL}/deletedkeys/{name}"}
            del self.keys[name]
            return _response(request, 200, self.deleted[name])
        if rest[-1:] == ["rotate"]:
            version, versions[version] = (made := _version())[0], made[1]
        if rest[-1:] == ["unwrapkey"]:
            asked = json.loads(request.body or "")
            assert asked["alg"] == "RSA-OAEP-256"
            try:
                text = versions[version].decrypt(_bytes(asked["value"]), _OAEP)
            except ValueError:
                error = {"error": {"code": "BadParameter", "message": "The parameter is incorrect."}}
                return _response(request, 400, error)
            return _response(request, 200, {"kid": f"{URL}/keys/{name}/{version}", "value": _text(text)})
        return _response(request, 200, _bundle(name, version, versions[version]))

    def close(self) -> None:
        pass


class _Credential:
    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        return AccessToken("of-the-test", 9999999999)


class Client(KeyClient):
    """With the calls that its service got."""

    service: Service

    @property
    def calls(self) -> list[str]:
        return self.service.calls


def key_vault(*tenants: str) -> Client:
    session = requests.Session()
    service = Service(*tenants)
    session.mount(URL, service)
    transport = RequestsTransport(session=session, session_owner=False)
    client = Client(URL, _Credential(), transport=transport)
    client.service = service
    return client


def _version() -> tuple[str, rsa.RSAPrivateKey]:
    return os.urandom(16).hex(), rsa.generate_private_key(65537, 2048)


def _bundle(name: str, version: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    public = {"kty": "RSA", "n": _text(numbers.n.to_bytes(256, "big")), "e": _text(numbers.e.to_bytes(3, "big"))}
    operations = {"kid": f"{URL}/keys/{name}/{version}", "key_ops": ["wrapKey", "unwrapKey"]}
    return {"key": {**public, **operations}, "attributes": {"enabled": True}}


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _response(
    request: requests.PreparedRequest, status: int, answer: dict[str, Any], headers: dict[str, str] | None = None
) -> requests.Response:
    made = requests.Response()
    made.request, made.url, made.status_code = request, request.url or "", status
    made.headers.update({"Content-Type": "application/json", **(headers or {})})
    body = io.BytesIO(json.dumps(answer).encode())
    made.raw = urllib3.HTTPResponse(body=body, headers=dict(made.headers), status=status, preload_content=False)
    return made
