"""A stand-in for FalcoSuessgott/vault-kubernetes-kms v1.4: its flags, its key ids, its health endpoint.

It encrypts with a key of Vault's transit engine. It logs in with the machine's certificate, read anew at each login.
"""

import argparse
import base64
import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bootstrap.localcloud.kubernetes.kms.service import Encrypted, KeyUnusableError, parse, parse_address, serve

# The API server gives up after three seconds: fail before it does, so that it hears the reason.
_TIMEOUT = httpx2.Timeout(2.0, connect=1.0)
_RENEW_AT = 0.5  # of a token's life
_UNIX = "unix://"


@dataclass(frozen=True)
class Session:
    """A client that is logged in, and until when (monotonic seconds)."""

    http: httpx2.Client
    renew_at: float


@dataclass(frozen=True, kw_only=True)
class CertificateLogin:
    """Vault's TLS certificate auth: the machine's own certificate, no stored credential."""

    address: str
    authority: Path
    certificate: Path
    key: Path
    mount: str
    role: str

    def __call__(self) -> Session:
        try:
            context = ssl.create_default_context(cafile=str(self.authority))
            context.load_cert_chain(str(self.certificate), str(self.key))
        except OSError as error:
            raise KeyUnusableError(f"the machine's certificate cannot be read: {error.strerror}") from error
        http = httpx2.Client(base_url=self.address, verify=context, timeout=_TIMEOUT, trust_env=False)
        auth = _checked(lambda: http.post(f"/v1/auth/{self.mount}/login", json={"name": self.role}))["auth"]
        http.headers["X-Vault-Token"] = auth["client_token"]
        return Session(http, time.monotonic() + auth["lease_duration"] * _RENEW_AT)


class VaultKey:
    """A key of the transit engine. Its id is the number of its latest version, as the public plugin has it."""

    def __init__(self, login: Callable[[], Session], mount: str, name: str) -> None:
        self._login, self._mount, self._name = login, mount, name
        self._session: Session | None = None
        self._lock = threading.Lock()

    def encrypt(self, plaintext: bytes) -> Encrypted:
        text = base64.b64encode(plaintext).decode()
        ciphertext: str = self._call("POST", f"encrypt/{self._name}", {"plaintext": text})["ciphertext"]
        # `vault:v<version>:<base64>`: read from the ciphertext itself, the version cannot be another one's.
        return Encrypted(ciphertext=ciphertext.encode(), key_id=ciphertext.split(":", 2)[1].removeprefix("v"))

    def decrypt(self, ciphertext: bytes) -> bytes:
        plaintext = self._call("POST", f"decrypt/{self._name}", {"ciphertext": ciphertext.decode()})["plaintext"]
        return base64.b64decode(plaintext)

    def current_id(self) -> str:
        return str(self._call("GET", f"keys/{self._name}", None)["latest_version"])

    def _call(self, method: str, path: str, body: dict[str, str] | None) -> dict[str, Any]:
        def ask() -> httpx2.Response:
            return self._logged_in().http.request(method, f"/v1/{self._mount}/{path}", json=body)

        try:
            answer = ask()
            if answer.status_code == httpx2.codes.FORBIDDEN:  # the token may have been revoked before its time
                self._session = None
                answer = ask()
        except httpx2.HTTPError as error:
            raise _unreachable(error) from error
        return _checked(lambda: answer)["data"]

    def _logged_in(self) -> Session:
        with self._lock:
            if self._session is None or time.monotonic() > self._session.renew_at:
                self._session = self._login()
            return self._session


def _checked(ask: Callable[[], httpx2.Response]) -> dict[str, Any]:
    try:
        answer = ask()
        body: dict[str, Any] = answer.json()
    except httpx2.HTTPError as error:
        raise _unreachable(error) from error
    except ValueError as error:
        raise KeyUnusableError("Vault: the answer is no JSON") from error
    if answer.is_error:
        path = answer.request.url.path
        reasons = " ".join("; ".join(body.get("errors", [])).split())
        raise KeyUnusableError(f"Vault: {answer.request.method} {path}: {answer.status_code}: {reasons}")
    return body


def _unreachable(error: httpx2.HTTPError) -> KeyUnusableError:
    return KeyUnusableError(f"Vault: {type(error).__name__}: {error}")


def _socket(text: str) -> Path:
    if not text.startswith(_UNIX):
        raise argparse.ArgumentTypeError(f"does not begin with {_UNIX}")
    return Path(text.removeprefix(_UNIX))


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vault-kubernetes-kms", description=__doc__, allow_abbrev=False)

    def flag(name: str, **options: Any) -> None:
        parser.add_argument(f"-{name}", f"--{name}", dest=name.replace("-", "_"), **options)  # Go takes both

    flag("socket", required=True, type=_socket)
    flag("force-socket-overwrite", action="store_true", required=True)
    flag("disable-v1", action="store_true", required=True)
    flag("vault-address", required=True)
    flag("vault-ca-cert", required=True, type=Path)
    flag("auth-method", choices=["cert"], required=True)
    flag("cert-mount", default="cert")
    flag("cert-role", required=True)
    flag("cert-file", required=True, type=Path)
    flag("cert-key", required=True, type=Path)
    flag("transit-mount", default="transit")
    flag("transit-key", default="kms")
    flag("health-port", type=parse_address, default=("127.0.0.1", 8080))
    return parser


def main() -> None:
    flags = parse(_flags(), sys.argv[1:])
    login = CertificateLogin(
        address=flags.vault_address,
        authority=flags.vault_ca_cert,
        certificate=flags.cert_file,
        key=flags.cert_key,
        mount=flags.cert_mount,
        role=flags.cert_role,
    )
    key = VaultKey(login, flags.transit_mount, flags.transit_key)
    serve(key, socket=flags.socket, health=flags.health_port, health_path="/health")


if __name__ == "__main__":
    main()
