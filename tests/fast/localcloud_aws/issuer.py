"""A token issuer on loopback: what a cluster's API server is to AWS."""

import datetime
import ipaddress
import json
import ssl
import threading
import time
from functools import partial
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

_DAY = datetime.timedelta(days=1)


class Issuer:
    """Serves discovery and keys over TLS with a certificate of a CA of its own, and signs tokens."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        authority, self.ca_pem, chain = _certificates()
        (directory / "chain.pem").write_bytes(chain)
        self.thumbprint = sha1(authority, usedforsecurity=False).hexdigest()
        self.keys = {"first": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "chain.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.fetches = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def documents(self) -> dict[str, Any]:
        keys = [
            {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": name, "use": "sig", "alg": "RS256"}
            for name, key in self.keys.items()
        ]
        discovery = {"issuer": self.url, "jwks_uri": f"{self.url}/openid/v1/jwks"}
        return {"/.well-known/openid-configuration": discovery, "/openid/v1/jwks": {"keys": keys}}

    def token(self, *, kid: str = "first", key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        """A token of the operator's service account, unless the claims say otherwise; a claim of None is left out."""
        now = int(time.time())
        account = {"namespace": "external-secrets", "name": "external-secrets"}
        payload = {
            "iss": self.url,
            "aud": ["sts.amazonaws.com"],
            "sub": f"system:serviceaccount:{account['namespace']}:{account['name']}",
            "iat": now,
            "nbf": now,
            "exp": now + 600,
            "kubernetes.io": {
                "namespace": account["namespace"],
                "serviceaccount": {"name": account["name"], "uid": "u"},
                "pod": {"name": "pod-1", "uid": "uid-1"},
            },
            **claims,
        }
        payload = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(payload, self.keys["first"] if key is None else key, algorithm, headers={"kid": kid})


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, issuer: Issuer, *args: Any) -> None:
        self._issuer = issuer
        super().__init__(*args)

    def do_GET(self) -> None:
        self._issuer.fetches += 1
        body = json.dumps(self._issuer.documents().get(self.path, {})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        return


def _certificates() -> tuple[bytes, str, bytes]:
    """The CA's certificate in DER and in PEM, and a server's key with its certificate and the CA's."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer CA")])
    authority = (
        _certificate(authority_name, authority_name, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        _certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")]), authority_name, server_key)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = key + server.public_bytes(pem) + authority.public_bytes(pem)
    return authority.public_bytes(serialization.Encoding.DER), authority.public_bytes(pem).decode(), chain


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
    )
