"""`kind: Secret` with a value: anywhere in a document, in lists, in what does not parse; Argo CD's own apart."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bootstrap.leaks.documents import TextFile, Tree
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.material import decode, is_encoded_material, is_material

_ARGOCD_LABEL = "argocd.argoproj.io/secret-type"
_ARGOCD_PUBLIC = {
    *("name", "server", "namespaces", "clusterResources", "project", "shard", "type", "url", "username", "insecure"),
    *("enableLfs", "enableOCI", "proxy", "noProxy", "forceHttpBasicAuth", "useAzureWorkloadIdentity"),
    *(
        "githubAppID",
        "githubAppInstallationID",
        "githubAppEnterpriseBaseUrl",
        "tlsClientCertData",
        "insecureIgnoreHostKey",
    ),
}
_ARGOCD_CREDENTIALS = {"bearerToken", "password", "keyData"}
_SECRET_LINE = re.compile(r"^\s*(?:- )?kind:\s*[\"']?Secret[\"']?\s*$", re.MULTILINE)
_DATA_LINE = re.compile(r"^(\s*)(data|stringData):\s*$")
_FIELD_LINE = re.compile(r"^(\s*)([\"']?[\w.-]+[\"']?)\s*:\s*(.*)$")


def secret_manifests(file: TextFile) -> Iterator[Finding]:
    for document in file.trees:
        for tree in document.mappings:
            if tree.text_at("kind") == "Secret" and not tree.at("sops", "mac"):
                yield from _values(file.path, tree)
    for text, first_line in file.unparsed:
        yield from _by_line(file.path, text, first_line)


def _values(path: str, secret: Tree) -> Iterator[Finding]:
    argocd = bool(secret.text_at("metadata", "labels", _ARGOCD_LABEL))
    for section, encoded in (("data", True), ("stringData", False)):
        for key, value in secret.pairs_at(section):
            written = value.text or ""
            if not (is_encoded_material(written) if encoded else is_material(written)):
                continue
            decoded = (decode(written) or b"").decode(errors="replace") if encoded else written
            if not argocd:
                yield found("secret-manifest", path, value.line, written)
            elif _holds_credential(key, decoded):
                yield found("argocd-credential", path, value.line, written)


def _holds_credential(key: str, value: str) -> bool:
    if key == "url":
        return bool(re.search(r"://[^/\s:@]*:[^/\s@]+@", value))
    if key != "config":
        return key not in _ARGOCD_PUBLIC
    try:
        return any(is_material(text) for text in _credentials_in(json.loads(value)))
    except ValueError:
        return True  # what cannot be read counts as a credential


def _credentials_in(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        for key, value in config.items():
            if key in _ARGOCD_CREDENTIALS and isinstance(value, str):
                yield value
            yield from _credentials_in(value)
    elif isinstance(config, list):
        for value in config:
            yield from _credentials_in(value)


def _by_line(path: str, text: str, first_line: int) -> Iterator[Finding]:
    """For what is no YAML: templates that do not parse, shell scripts, pages. Fields below `data:`, by indentation."""
    if not _SECRET_LINE.search(text):
        return
    section: tuple[int, bool] | None = None
    for number, line in enumerate(text.splitlines(), first_line + 1):
        if begin := _DATA_LINE.match(line):
            section = len(begin[1]), begin[2] == "data"
        elif section and (field := _FIELD_LINE.match(line)):
            indent, encoded = section
            if len(field[1]) <= indent:
                section = None
            elif is_encoded_material(field[3]) if encoded else is_material(field[3]):
                yield found("secret-manifest", path, number, field[3])
