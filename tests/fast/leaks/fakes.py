"""Credentials that belong to nobody, made when a test runs: none is ever written in this repository."""

import base64
import json
import random
import re
import string
import textwrap
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

_ALNUM = string.ascii_letters + string.digits
_B64 = _ALNUM + "+/"
_URL = _ALNUM + "_-"
_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits
_random = random.Random("leaks")


def _some(letters: str, count: int) -> str:
    return "".join(_random.choices(letters, k=count))


def _armor(kind: str, headers: str = "") -> str:
    body = "\n".join(_some(_B64, 64) for _ in range(6))
    return f"-----BEGIN {kind}-----\n{headers}{body}\n-----END {kind}-----"


def _key(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, kind: s.PrivateFormat) -> str:
    return key.private_bytes(s.Encoding.PEM, kind, s.NoEncryption()).decode().strip()


def _locked() -> str:
    locked = s.BestAvailableEncryption(b"leaks")
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, locked).decode().strip()


def _jwt() -> str:
    parts = ({"alg": "RS256", "kid": "a"}, {"iss": "https://oidc", "sub": "system:serviceaccount:a:b", "exp": 1})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, _some(_URL, 86)])


def _public(kind: s.PublicFormat, encoding: s.Encoding) -> str:
    return ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(encoding, kind).decode().strip()


_MAKERS: dict[str, Callable[[], str]] = {
    "password": lambda: f"Kestrel-{_some(_ALNUM, 12)}!",
    "short": lambda: f"hunter{_some(string.digits, 2)}",
    "number": lambda: _some("123456789", 8),
    "random": lambda: _some(_LOWER, 14) + _some(string.digits, 4) + _some(_ALNUM, 14),
    "aws-id": lambda: "AK" + "IA" + _some(_UPPER, 16),
    "aws-session-id": lambda: "AS" + "IA" + _some(_UPPER, 16),
    "aws-secret": lambda: _some(_ALNUM, 20) + "/" + _some(_ALNUM, 19),
    "github-classic": lambda: "gh" + "p_" + _some(_ALNUM, 36),
    "github-oauth": lambda: "gh" + "o_" + _some(_ALNUM, 36),
    "github-app": lambda: "gh" + "s_" + _some(_ALNUM, 36),
    "github-fine": lambda: "github" + "_pat_" + _some(_ALNUM, 22) + "_" + _some(_ALNUM, 59),
    "gitlab": lambda: "gl" + "pat-" + _some(_ALNUM, 20),
    "gitlab-deploy": lambda: "gl" + "dt-" + _some(_ALNUM, 20),
    "gitlab-runner": lambda: "gl" + "rt-" + _some(_ALNUM, 20),
    "slack-bot": lambda: "xo" + "xb-" + f"{_some(string.digits, 12)}-{_some(string.digits, 12)}-{_some(_ALNUM, 24)}",
    "slack-app": lambda: (
        "xa" + "pp-1-A" + f"{_some(_UPPER, 10)}-{_some(string.digits, 13)}-{_some('0123456789abcdef', 64)}"
    ),
    "slack-rotated": lambda: "xo" + "xe-1-" + _some(_ALNUM, 146),
    "slack-hook": lambda: (
        "https://hooks.slack" + f".com/services/T{_some(_UPPER, 8)}/B{_some(_UPPER, 8)}/{_some(_ALNUM, 24)}"
    ),
    "vault": lambda: "hv" + "s." + _some(_URL, 90) + "A",
    "vault-root": lambda: "hv" + "s." + _some(_ALNUM, 24),
    "vault-batch": lambda: "hv" + "b." + _some(_URL, 140) + "A",
    "vault-legacy": lambda: "s" + "." + _some(_ALNUM, 24),
    "rsa": lambda: _key(rsa.generate_private_key(65537, 2048), s.PrivateFormat.TraditionalOpenSSL),
    "ec": lambda: _key(ec.generate_private_key(ec.SECP256R1()), s.PrivateFormat.TraditionalOpenSSL),
    "openssh": lambda: _key(ed25519.Ed25519PrivateKey.generate(), s.PrivateFormat.OpenSSH),
    "pkcs8": lambda: _key(ed25519.Ed25519PrivateKey.generate(), s.PrivateFormat.PKCS8),
    "pkcs8-locked": _locked,
    "rsa-locked": lambda: _armor(
        "RSA PRIVATE " + "KEY",
        "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC," + _some("0123456789ABCDEF", 32) + "\n\n",
    ),
    "pgp": lambda: _armor("PGP PRIVATE " + "KEY BLOCK", "Version: GnuPG v2\n\n"),
    "putty": lambda: (
        "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: a\n"
        f"Public-Lines: 1\n{_some(_B64, 64)}\nPrivate-Lines: 1\n{_some(_B64, 64)}"
    ),
    "ssh2": lambda: f"---- BEGIN SSH2 ENCRYPTED PRIVATE {'KEY'} ----\nComment: a\n{_some(_B64, 64)}",
    "age": lambda: "AGE-SECRET" + "-KEY-1" + _some("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "google-api": lambda: "AI" + "za" + _some(_URL, 34) + "a",
    "google-oauth": lambda: "GOC" + "SPX-" + _some(_ALNUM, 28),
    "azure-secret": lambda: f"{_some(_ALNUM, 3)}8" + "Q~" + _some(_ALNUM, 34),
    "azure-storage": lambda: _some(_B64, 86) + "==",
    "azure-bus": lambda: _some(_B64, 43) + "=",
    "azure-signature": lambda: _some(_ALNUM, 42) + "%2B" + _some(_ALNUM, 3) + "%3D",
    "jwt": _jwt,
    "stripe": lambda: "sk" + "_live_" + _some(_ALNUM, 24),
    "sendgrid": lambda: "S" + "G." + _some(_ALNUM, 22) + "." + _some(_ALNUM, 43),
    "npm": lambda: "np" + "m_" + _some(_ALNUM, 36),
    "pypi": lambda: "py" + "pi-AgEIcHlwaS5vcmc" + _some(_ALNUM, 80),
    "openai": lambda: "s" + "k-" + _some(_ALNUM, 20) + "T3Blbk" + "FJ" + _some(_ALNUM, 20),
    # What may lie in Git, and a word that makes a case one.
    "kind": lambda: "Secret",
    "certificate": lambda: _armor("CERTIFICATE"),
    "public-key": lambda: _public(s.PublicFormat.SubjectPublicKeyInfo, s.Encoding.PEM),
    "ssh-public": lambda: _public(s.PublicFormat.OpenSSH, s.Encoding.OpenSSH) + " argocd@example.com",
    "age-public": lambda: "age1" + _some("qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58),
    "sha1": lambda: _some("0123456789abcdef", 40),
    "sha256": lambda: _some("0123456789abcdef", 64),
    "sha512": lambda: _some(_B64, 86) + "==",
    "sealed": lambda: "Ag" + _some(_B64, 400),
    "cipher": lambda: f"ENC[AES256_GCM,data:{_some(_B64, 16)},iv:{_some(_B64, 43)}=,tag:{_some(_B64, 22)}==,type:str]",
}
_TOKEN = re.compile(r"<([a-z0-9-]+)(:b64|:json|:line)?>")


@cache
def fake(name: str) -> str:
    return _MAKERS[name]()


def filled_in(template: str) -> str:
    """A template with each `<name>`, `<name:b64>` and `<name:json>` of a fake replaced; later lines keep the indent."""
    lines = []
    for line in template.splitlines():
        written = _TOKEN.sub(_value, line)
        indent = line[: len(line) - len(line.lstrip())]
        first, *rest = written.splitlines() or [""]
        lines += [first, *textwrap.indent("\n".join(rest), indent).splitlines()]
    return "\n".join(lines) + "\n"


def _value(token: re.Match[str]) -> str:
    if token[1] not in _MAKERS:
        return token[0]  # a placeholder of the text itself
    value = fake(token[1])
    if token[2] == ":b64":
        return base64.b64encode(value.encode()).decode()
    return json.dumps(value)[1:-1] if token[2] else value
