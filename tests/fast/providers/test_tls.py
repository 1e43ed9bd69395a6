import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from cryptography.x509 import load_pem_x509_certificate

from bootstrap.providers.properties import Secret, Unknown
from tests.fast.providers.driver import Driver

KEY = "tls:index/privateKey:PrivateKey"
PRIVATE = ("privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8")


@pytest.mark.parametrize(
    ("inputs", "kind"),
    [
        ({"algorithm": "ED25519"}, ed25519.Ed25519PrivateKey),
        ({"algorithm": "ECDSA", "ecdsaCurve": "P256"}, ec.EllipticCurvePrivateKey),
        ({"algorithm": "RSA", "rsaBits": 2048}, rsa.RSAPrivateKey),
    ],
)
def test_a_key_is_usable_in_every_form(tls: Driver, inputs: dict[str, object], kind: type) -> None:
    _, state = tls.create(KEY, inputs)
    loaded = load_ssh_private_key(state["privateKeyOpenssh"].value.encode(), None)
    assert isinstance(loaded, kind)
    for form in ("privateKeyPem", "privateKeyPemPkcs8"):
        assert isinstance(load_pem_private_key(state[form].value.encode(), None), kind)
    blob = base64.b64decode(state["publicKeyOpenssh"].split()[1])
    sha256 = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    assert state["publicKeyFingerprintSha256"] == f"SHA256:{sha256}"
    assert state["publicKeyFingerprintMd5"].replace(":", "") == hashlib.md5(blob).hexdigest()


def test_private_halves_are_secrets_also_after_a_refresh(tls: Driver) -> None:
    id_, state = tls.create(KEY, {"algorithm": "ED25519"})
    _, refreshed, inputs = tls.read(KEY, id_, {"algorithm": "ED25519"}, state)
    assert all(isinstance(state[name], Secret) for name in PRIVATE)
    assert refreshed == state
    assert inputs == {"algorithm": "ED25519"}


def test_a_preview_makes_no_key(tls: Driver) -> None:
    id_, state = tls.create(KEY, {"algorithm": "ED25519"}, preview=True)
    assert id_ == ""
    assert isinstance(state["publicKeyOpenssh"], Unknown)
    assert all(isinstance(state[name], Secret) for name in PRIVATE)


def test_the_algorithm_is_checked(tls: Driver) -> None:
    assert tls.check(KEY, {"algorithm": "DSA"}) == {"algorithm": "algorithm must be one of RSA, ECDSA, ED25519"}
    assert "rsaBits" in tls.check(KEY, {"algorithm": "RSA", "rsaBits": 1024})


CERTIFICATE = "tls:index/selfSignedCert:SelfSignedCert"


def test_a_certificate_is_of_its_key_and_signed_by_it(tls: Driver) -> None:
    _, key = tls.create(KEY, {"algorithm": "RSA"})
    inputs = {
        "privateKeyPem": key["privateKeyPem"],
        "allowedUses": ["encipher_only"],
        "validityPeriodHours": 24,
        "isCaCertificate": True,
    }
    id_, state = tls.create(CERTIFICATE, inputs)
    certificate = load_pem_x509_certificate(state["certPem"].encode())
    public = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert public.decode() == key["publicKeyPem"]
    certificate.verify_directly_issued_by(certificate)
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).total_seconds() == 24 * 3600
    assert isinstance(state["privateKeyPem"], Secret)
    assert tls.read(CERTIFICATE, id_, inputs, state) == (id_, state, inputs)


def test_uses_of_a_certificate_are_checked(tls: Driver) -> None:
    inputs = {"privateKeyPem": "x", "allowedUses": ["spying"], "validityPeriodHours": 1}
    assert "allowedUses[0]" in tls.check(CERTIFICATE, inputs)
