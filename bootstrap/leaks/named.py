"""Literals in fields that are named as credentials: Helm values, inline values of releases, container environments."""

import re
from collections.abc import Iterator

from bootstrap.leaks.documents import TextFile, Tree, inner
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.material import is_material

_VALUES_FILE = re.compile(r"(?:^|[-._/])values(?:[-._][^/]*)?\.ya?ml(?:\.gotmpl)?$|(?:^|/)values/[^/]+\.ya?ml$")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# The last words of a name decide: `adminPassword` is a credential, `passwordSecretRef` and `secretName` are none.
_ALWAYS = ("password", "passwd", "passphrase", "pwd", "api key", "client secret", "private key", "connection string")
_UNLESS_A_NAME = ("secret", "token", "secret key", "access key", "signing key", "encryption key", "account key")
_NAME = re.compile(r"[a-z]+\d{0,2}(?:[-._/][a-z]+\d{0,2})*|[A-Z]+(?:_[A-Z0-9]+)*")


def named_credentials(file: TextFile) -> Iterator[Finding]:
    is_values = bool(_VALUES_FILE.search(file.path))
    for document in file.trees:
        if document.at("sops", "mac"):
            continue
        for key, value in _fields(document, is_values):
            if is_credential(key, value.text or "") and not value.is_switch:
                yield found("named-credential", file.path, value.line, value.text or "")


def is_credential(key: str, value: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(key)]
    if "existing" in words or not is_material(value):
        return False
    ends = {" ".join(words[-count:]) for count in (1, 2)}
    return bool(ends & set(_ALWAYS)) or bool(ends & set(_UNLESS_A_NAME) and not _NAME.fullmatch(value))


def _fields(document: Tree, is_values: bool) -> Iterator[tuple[str, Tree]]:
    values = [document] if is_values else list(_inline_values(document))
    for tree in values:
        for part in tree.mappings:
            yield from part.pairs
    for part in document.mappings:
        value = part.at("value")  # of an environment variable or a Helm parameter
        if value and part.text_at("name"):
            yield part.text_at("name"), value


def _inline_values(document: Tree) -> Iterator[Tree]:
    """Of a Flux HelmRelease, an Argo CD Application, a chart that Kustomize inflates."""
    if document.text_at("kind") == "HelmRelease" and (values := document.at("spec", "values")):
        yield values
    for part in document.mappings:
        for values in (part.at("helm", "values"), part.at("helm", "valuesObject"), part.at("valuesInline")):
            if values:
                yield inner(values) or values
