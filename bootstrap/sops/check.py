"""Whether a file is encrypted, wholly, and for its own environment's keys only. It needs no key."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from bootstrap.errors import BootstrapError
from bootstrap.leaks.claims import Claims
from bootstrap.leaks.documents import TextFile
from bootstrap.leaks.rules import RULES
from bootstrap.leaks.scan import check as search
from bootstrap.sops.configuration import ENCRYPTED_REGEX, FOLDER, owner, require_generated
from bootstrap.sops.recipients import Recipients
from bootstrap.sops.strict_yaml import RepeatedKeyError, load_all

_CIPHERTEXT = "ENC[AES256_GCM,"
_ENCRYPTED_FIELDS = ("data", "stringData")
_PLAIN_FIELDS = ("apiVersion", "kind", "metadata", "type", "immutable", "sops")
# `kubectl apply` writes the whole Secret into it, with every value.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def files_of(root: Path) -> list[Path]:
    """Every file below `secrets/`: nothing but encrypted files belongs there."""
    return sorted(file for file in (root / FOLDER).rglob("*") if file.is_file())


def check(root: Path, environments: Sequence[Recipients], files: Sequence[Path]) -> None:
    """Raises BootstrapError, which names files and keys and no value, for the first file that is not as it must be."""
    require_generated(root, environments)
    for file in files:
        why = next(_faults(root, environments, file), None)
        if why is not None:
            mend = (
                "encrypt it again with `sops encrypt --in-place`; a value that was committed in plain must be replaced"
            )
            raise BootstrapError(str(file), why, mend)


def _faults(root: Path, environments: Sequence[Recipients], file: Path) -> Iterator[str]:
    if file.is_symlink() or not file.resolve().is_relative_to(root.resolve()):
        yield "it is a link, or lies outside the repository"
        return
    path = PurePosixPath(file.resolve().relative_to(root.resolve()).as_posix())
    environment = owner(path, environments)
    if environment is None or path.suffix not in (".yaml", ".yml"):
        yield f"it is no YAML file in {FOLDER}/<environment>/ of an environment that sops-recipients.yaml knows"
        return
    try:
        text = file.read_text()
        documents = load_all(text)
    except OSError as error:
        yield error.strerror or "it cannot be read"
        return
    except RepeatedKeyError as error:
        yield f"{error}, and only one of its values is looked at"
        return
    except (yaml.YAMLError, UnicodeDecodeError):
        yield "it is not YAML"
        return
    if not documents:
        yield "it is empty"
    for document in documents:
        yield from _faults_of(document, environment)
    for finding in search(TextFile(str(path), text), Claims()):
        yield f"line {finding.line} is not encrypted, and `leaks` refuses it: {RULES[finding.rule].why}"


def _faults_of(document: Any, environment: Recipients) -> Iterator[str]:
    metadata = document.get("sops") if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or not metadata.get("mac"):
        yield "it is not encrypted"
        return
    if document.get("apiVersion") != "v1" or document.get("kind") != "Secret":
        yield "it is not a Secret: only a Secret's data and stringData are encrypted"
    if metadata.get("encrypted_regex") != ENCRYPTED_REGEX:
        yield "it was encrypted by another rule than the one of .sops.yaml"
    if any(not _is_encrypted(value) for field in _ENCRYPTED_FIELDS for value in _leaves(document.get(field))):
        yield "a value in it is not encrypted"
    for field in document:
        if field not in (*_ENCRYPTED_FIELDS, *_PLAIN_FIELDS):
            yield f"it has the field {field}, which no Secret has and SOPS does not encrypt"
    if _LAST_APPLIED in _annotations(document):
        yield f"a value in it is not encrypted: its annotation {_LAST_APPLIED} repeats the whole Secret"
    groups = metadata.get("key_groups") or [metadata]
    found = [set(_names(group)) for group in groups]
    expected = [set(chain.from_iterable(group.values())) for group in environment.groups]
    for name in sorted(set().union(*found) - environment.names):
        yield f"it can be opened by {name}, which is no key of environment {environment.environment}"
    for name in sorted(environment.names - set().union(*found)):
        yield f"{name} cannot open it: run `python -m bootstrap sops updatekeys`"
    contexts = [key.get("context") for group in groups for key in group.get("kms") or [] if isinstance(key, dict)]
    if any(context != environment.context for context in contexts):
        yield f"a KMS key of it is not bound to the encryption context of environment {environment.environment}"
    if sorted(map(sorted, found)) != sorted(map(sorted, expected)) or (
        environment.both and metadata.get("shamir_threshold") != 2
    ):
        yield "its key groups are not those of .sops.yaml: run `python -m bootstrap sops updatekeys`"


def _annotations(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return annotations if isinstance(annotations, dict) else {}


def _names(group: dict[str, Any]) -> Iterator[str]:
    """Full names of all keys that open one group, of kinds that we do not know too."""
    for kind, keys in group.items():
        if kind == "key_groups" or not isinstance(keys, list):
            continue
        for key in keys:
            if not isinstance(key, dict):
                continue
            if kind == "azure_kv":
                yield f"{key.get('vault_url')}/keys/{key.get('name')}/{key.get('version')}"
            elif kind == "hc_vault":
                yield f"{key.get('vault_address')}/v1/{key.get('engine_path')}/keys/{key.get('key_name')}"
            else:
                yield str(key.get("recipient") or key.get("arn") or key.get("resource_id") or f"a key of kind {kind}")


def _is_encrypted(value: Any) -> bool:
    return value in (None, "") or (isinstance(value, str) and value.startswith(_CIPHERTEXT))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value
