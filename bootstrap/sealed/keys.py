"""Sealing keys as the controller keeps them: those of a cluster, and new ones. Their values stay in memory."""

import base64
import datetime
import secrets
from typing import Any

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bootstrap.errors import BootstrapError

Secret = dict[str, Any]

LABEL = "sealedsecrets.bitnami.com/sealed-secrets-key"
ACTIVE = "active"
FINGERPRINT = "secrets-bootstrap/certificate-sha256"
_BITS = 4096
_LIFETIME = datetime.timedelta(days=3650)  # as of the controller's own keys; kubeseal refuses an expired certificate


def active_keys(http: httpx2.Client, namespace: str) -> list[Secret]:
    """Every key of the controller in `namespace`, oldest first: it seals with the last and opens with all."""
    answer = http.get(f"/api/v1/namespaces/{namespace}/secrets", params={"labelSelector": f"{LABEL}={ACTIVE}"})
    if answer.is_error:
        raise BootstrapError(
            f"the keys in namespace {namespace}",
            f"the API server answers {answer.status_code}",
            "be somebody who may list the Secrets there",
        )
    return sorted(map(_plain, answer.json()["items"]), key=_not_before)


def new_key(namespace: str, others: list[Secret]) -> Secret:
    """A key pair that is newer than all others, also if their maker's clock was ahead of this machine's.

    Source: sealed-secrets v0.40.0, `crypto/keys.go`; `--key-order-priority` is CertNotBefore by default.
    """
    start = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    start = max([start, *(_not_before(one) + datetime.timedelta(seconds=1) for one in others)])
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    certificate = (
        x509.CertificateBuilder(serial_number=x509.random_serial_number())
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .not_valid_before(start)
        .not_valid_after(start + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    values = {"tls.key": private, "tls.crt": certificate.public_bytes(Encoding.PEM)}
    return _plain(
        {
            "metadata": {"name": f"sealed-secrets-key-{secrets.token_hex(4)}", "namespace": namespace},
            "data": {name: base64.b64encode(value).decode() for name, value in values.items()},
        }
    )


def certificate_of(key: Secret) -> bytes:
    """Its certificate, PEM; public."""
    return base64.b64decode(key["data"]["tls.crt"])


def _plain(secret: Secret) -> Secret:
    """What another cluster can be given, marked with what tells keys of one name apart."""
    metadata = secret["metadata"]
    fingerprint = x509.load_pem_x509_certificate(certificate_of(secret)).fingerprint(hashes.SHA256()).hex()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "labels": {LABEL: ACTIVE},
            "annotations": {FINGERPRINT: fingerprint},
        },
        "data": secret["data"],
    }


def _not_before(key: Secret) -> datetime.datetime:
    return x509.load_pem_x509_certificate(certificate_of(key)).not_valid_before_utc
