"""Kubeconfigs whose users hold a credential; `exec`, token files and certificates are none."""

from collections.abc import Iterator

from bootstrap.leaks.documents import TextFile
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.material import is_material

_CREDENTIALS = {"token", "password", "client-key-data"}
_OF_AUTH_PROVIDER = {"access-token", "id-token", "refresh-token", "client-secret"}


def kubeconfigs(file: TextFile) -> Iterator[Finding]:
    for document in file.trees:
        for tree in document.mappings:
            users = tree.at("users")
            if not users or not (tree.at("clusters") or tree.at("contexts") or tree.text_at("kind") == "Config"):
                continue
            for entry in users.elements:
                for names, fields in (
                    (_CREDENTIALS, entry.pairs_at("user")),
                    (_OF_AUTH_PROVIDER, entry.pairs_at("user", "auth-provider", "config")),
                ):
                    for key, value in fields:
                        if key in names and is_material(value.text or ""):
                            yield found("kubeconfig-credential", file.path, value.line, value.text or "")
