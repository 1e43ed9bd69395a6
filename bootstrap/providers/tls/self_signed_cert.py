"""`tls.SelfSignedCert`: a certificate of a key by itself, of the kinds that the components ask for."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from typing_extensions import override

from bootstrap.providers.fields import Field
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Call, Created, Resource

# The uses that stand in the certificate's key usage, by the names of x509.KeyUsage. An extended use has no line.
_KEY_USES = {
    "digital_signature": "digital_signature",
    "content_commitment": "content_commitment",
    "key_encipherment": "key_encipherment",
    "data_encipherment": "data_encipherment",
    "key_agreement": "key_agreement",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
    "encipher_only": "encipher_only",
    "decipher_only": "decipher_only",
}
_ONLY_WITH_AGREEMENT = ("encipher_only", "decipher_only")


class SelfSignedCert(Resource):
    fields = {  # noqa: RUF012
        "allowedUses": Field(
            kind=list, required=True, replaces=True, items=Field(kind=str, choices=tuple(sorted(_KEY_USES)))
        ),
        "isCaCertificate": Field(kind=bool, replaces=True),
        "privateKeyPem": Field(kind=str, required=True, replaces=True),
        "validityPeriodHours": Field(kind=int, required=True, replaces=True),
    }
    secret_outputs = frozenset({"privateKeyPem"})
    computed = ("certPem", "keyAlgorithm", "readyForRenewal", "validityEndTime", "validityStartTime")

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        key = load_pem_private_key(inputs["privateKeyPem"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey)
        start = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        end = start + datetime.timedelta(hours=int(inputs["validityPeriodHours"]))
        certificate = (
            x509.CertificateBuilder(serial_number=x509.random_serial_number())
            .subject_name(x509.Name([]))
            .issuer_name(x509.Name([]))
            .public_key(key.public_key())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(inputs.get("isCaCertificate", False), None), critical=True)
            .add_extension(_usage(inputs["allowedUses"]), critical=True)
            .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
        )
        algorithm = {rsa.RSAPrivateKey: "RSA", ed25519.Ed25519PrivateKey: "ED25519"}
        state = {
            **inputs,
            "certPem": certificate.public_bytes(Encoding.PEM).decode(),
            "keyAlgorithm": next((name for kind, name in algorithm.items() if isinstance(key, kind)), "ECDSA"),
            "readyForRenewal": False,
            "validityStartTime": start.isoformat().replace("+00:00", "Z"),
            "validityEndTime": end.isoformat().replace("+00:00", "Z"),
        }
        return Created(str(certificate.serial_number), state)

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        return state

    @override
    def delete(self, id_: str, state: Properties, call: Call) -> None:
        """The certificate was nowhere but in the state."""


def _usage(uses: list[str]) -> x509.KeyUsage:
    named = {flag: use in uses for use, flag in _KEY_USES.items()}
    if not named["key_agreement"]:  # RFC 5280: these two say something about key agreement only
        named |= dict.fromkeys(_ONLY_WITH_AGREEMENT, False)
    return x509.KeyUsage(**named)
