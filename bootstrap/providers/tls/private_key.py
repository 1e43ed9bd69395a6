"""`tls.PrivateKey`: made once, at Create; its outputs are those of pulumi-tls 5.6. The key lives in the state only."""

import base64
import hashlib
from collections.abc import Iterable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_public_key,
    ssh_key_fingerprint,
)
from typing_extensions import override

from bootstrap.providers.fields import Fault, Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Call, Created, Resource

_CURVES = {"P224": ec.SECP224R1, "P256": ec.SECP256R1, "P384": ec.SECP384R1, "P521": ec.SECP521R1}
_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class PrivateKey(Resource):
    fields = {  # noqa: RUF012
        "algorithm": Field(kind=str, required=True, replaces=True, choices=("RSA", "ECDSA", "ED25519")),
        "ecdsaCurve": Field(kind=str, replaces=True, chosen_by_cloud=True, choices=tuple(_CURVES)),
        "rsaBits": Field(kind=int, replaces=True, chosen_by_cloud=True),
    }
    secret_outputs = frozenset({"privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"})
    computed = (
        "publicKeyFingerprintMd5",
        "publicKeyFingerprintSha256",
        "publicKeyOpenssh",
        "publicKeyPem",
        *secret_outputs,
    )

    @override
    def check(self, inputs: Properties) -> Iterable[Fault]:
        yield from super().check(inputs)
        bits = inputs.get("rsaBits")
        if isinstance(bits, int) and bits < 2048:
            yield Fault("rsaBits", "is too short, choose 2048 or more")

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        settings = {"ecdsaCurve": "P224", "rsaBits": 2048, **inputs}
        key = _generate(settings)
        public = key.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        # OpenSSH has no P-224 keys, so there the official provider leaves these outputs empty, too.
        speaks_ssh = settings["algorithm"] != "ECDSA" or settings["ecdsaCurve"] != "P224"
        ssh = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) if speaks_ssh else b""
        state = {
            **settings,
            "privateKeyPem": _private(key, PrivateFormat.TraditionalOpenSSL),
            "privateKeyPemPkcs8": _private(key, PrivateFormat.PKCS8),
            "privateKeyOpenssh": _private(key, PrivateFormat.OpenSSH) if speaks_ssh else "",
            "publicKeyPem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "publicKeyOpenssh": ssh.decode() + "\n" if ssh else "",
            **_fingerprints(ssh),
        }
        return Created(hashlib.sha1(der, usedforsecurity=False).hexdigest(), state)

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        return state

    @override
    def delete(self, id_: str, state: Properties, call: Call) -> None:
        """The key was nowhere but in the state."""


def _generate(settings: Properties) -> _Key:
    match settings["algorithm"]:
        case "ED25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "ECDSA":
            return ec.generate_private_key(_CURVES[settings["ecdsaCurve"]]())
        case _:
            return rsa.generate_private_key(public_exponent=65537, key_size=int(settings["rsaBits"]))


def _private(key: _Key, form: PrivateFormat) -> str:
    if form is PrivateFormat.TraditionalOpenSSL and isinstance(key, ed25519.Ed25519PrivateKey):
        form = PrivateFormat.PKCS8  # Ed25519 has no traditional form
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def _fingerprints(openssh: bytes) -> Properties:
    if not openssh:
        return {"publicKeyFingerprintMd5": "", "publicKeyFingerprintSha256": ""}
    public = load_ssh_public_key(openssh)
    assert not isinstance(public, dsa.DSAPublicKey)
    md5, sha256 = (ssh_key_fingerprint(public, algorithm) for algorithm in (hashes.MD5(), hashes.SHA256()))  # noqa: S303
    return {
        "publicKeyFingerprintMd5": md5.hex(":"),
        "publicKeyFingerprintSha256": "SHA256:" + base64.b64encode(sha256).decode().rstrip("="),
    }
