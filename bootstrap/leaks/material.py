"""Tells a value from what may lie in Git: references, placeholders, ciphertext, certificates and public keys."""

import base64
import binascii
import re

from bootstrap.leaks.templates import REFERENCE

# Nothing but these words, and one of the first group at least, is a placeholder: "change-me", "<your-token>", "xxxx".
_MARKERS = {
    *("change", "changeme", "changeit", "replace", "replaceme", "replaced", "placeholder", "redacted", "dummy"),
    *(
        "example",
        "sample",
        "fake",
        "your",
        "yours",
        "insert",
        "todo",
        "tbd",
        "fixme",
        "none",
        "null",
        "unset",
        "omitted",
    ),
}
_FILLERS = {
    *(
        "me",
        "my",
        "it",
        "this",
        "that",
        "here",
        "the",
        "a",
        "an",
        "to",
        "be",
        "by",
        "in",
        "with",
        "from",
        "before",
        "use",
    ),
    *("set", "not", "value", "password", "token", "secret", "key", "api", "id", "client", "access", "user", "username"),
    *(
        "account",
        "base64",
        "encoded",
        "string",
        "prod",
        "production",
        "only",
        "for",
        "test",
        "data",
        "private",
        "admin",
    ),
}
_REFERENCES = re.compile(
    r"""
      <[^<>\s][^<>]*>                                   # <your-token>, and <path:...> of argocd-vault-plugin
    | \$\([\w.-]+\) | \$[A-Z_][A-Z0-9_]* | \$\{\{.*\}\} | \$\{[\w.]+\} | \{\w+\} | %\w+% | \(\([\w./-]+\)\)
    | (?:ref\+[\w+]+|op|secretref\+\w+)://\S+           # vals, 1Password
    | vault:[\w./-]+\#[\w.-]+                           # bank-vaults
    | arn:aws[\w-]*:(?:secretsmanager|ssm|kms):\S+
    | projects/[\w-]+/secrets/\S+
    | @Microsoft\.KeyVault\(.*\)
    | https://[\w-]+\.vault\.azure\.net/\S*
    | ENC\[[A-Z0-9_]+,.*\]                              # SOPS
    | AQICA[\w+/=]{40,}                                 # a ciphertext of AWS KMS
    """,
    re.VERBOSE | re.DOTALL,
)
_WITH_DEFAULT = re.compile(r"\$\{\w+:[-=](.*)\}", re.DOTALL)  # Flux and shells: the default is a literal
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_PUBLIC_PEM = re.compile(r"CERTIFICATE|(?:RSA )?PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL|DH PARAMETERS|EC PARAMETERS")
_PUBLIC_KEY = re.compile(r"(?:(?:ssh-(?:rsa|ed25519)|ecdsa-sha2-\w+) AAAA\S+(?: .*)?|age1[a-z0-9]{50,})")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_material(text: str) -> bool:
    """Whether a text is a value that must not be in Git."""
    text = text.strip().strip("\"'").strip()
    if default := _WITH_DEFAULT.fullmatch(text):
        return is_material(default[1])
    if not text or REFERENCE in text or _REFERENCES.fullmatch(text):
        return False
    return not (_is_placeholder(text) or _is_public(text))


def is_encoded_material(text: str) -> bool:
    """The same for a field that is base64, such as `data` of a Secret."""
    decoded = decode(text)
    return is_material(text) and (decoded is None or is_material(decoded.decode(errors="replace")))


def decode(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def is_example(token: str) -> bool:
    """Whether a token of a fixed shape is marked as no real one: `AKIA...EXAMPLE`, `ghp_xxxxxxxx`."""
    body = re.sub(r"[^A-Za-z0-9]", "", token[4:])
    return "EXAMPLE" in token.upper() or len(set(body.lower())) <= 3 or body in "0123456789" * 10


def _is_placeholder(text: str) -> bool:
    if not re.search(r"[A-Za-z0-9]", text):
        return True  # "***", "..."
    if re.fullmatch(r"(.)\1{2,}", text, re.IGNORECASE):
        return True  # "xxxx"
    words = [word.lower() for word in _WORDS.findall(text)]
    marked = any(word in _MARKERS or re.fullmatch("x{3,}", word) for word in words)
    return marked and all(word in _MARKERS | _FILLERS or re.fullmatch("x{3,}", word) for word in words)


def _is_public(text: str) -> bool:
    kinds = [match[1] for match in _PEM.finditer(text)]
    if kinds:
        return not _PEM.sub("", text).strip() and all(_PUBLIC_PEM.fullmatch(kind) for kind in kinds)
    return all(_PUBLIC_KEY.fullmatch(line.strip()) for line in text.splitlines() if line.strip())
