"""Files in which clouds hand out credentials: a Google service account, an Azure service principal."""

from collections.abc import Iterator

from bootstrap.leaks.documents import TextFile, Tree
from bootstrap.leaks.finding import Finding, found
from bootstrap.leaks.material import is_material

_AZURE_TENANT = ("tenant", "tenantId", "tenant_id", "tenantID")
_AZURE_SECRET = ("password", "clientSecret", "client_secret", "aadClientSecret")
_GOOGLE = {"service_account": "private_key", "authorized_user": "refresh_token"}


def cloud_files(file: TextFile) -> Iterator[Finding]:
    for document in file.trees:
        for tree in document.mappings:
            if tree.text_at("type") in _GOOGLE:
                yield from _refuse(file, "gcp-key", tree, (_GOOGLE[tree.text_at("type")],))
            if any(tree.text_at(key) for key in _AZURE_TENANT):
                yield from _refuse(file, "azure-credential", tree, _AZURE_SECRET)


def _refuse(file: TextFile, rule: str, tree: Tree, fields: tuple[str, ...]) -> Iterator[Finding]:
    for key in fields:
        value = tree.at(key)
        if value and is_material(value.text or ""):
            yield found(rule, file.path, value.line, value.text or "")
