"""Backups of sealing keys: SOPS files of the environment, so that its own recipients and nobody else can open them."""

from pathlib import Path

import yaml
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.sealed.keys import FINGERPRINT, LABEL, Secret, certificate_of
from bootstrap.sops import check as checking
from bootstrap.sops.configuration import FOLDER, require_generated
from bootstrap.sops.program import sops
from bootstrap.sops.recipients import FILE, read_recipients

CERTIFICATES = "sealed-secrets"


def backups(root: Path, environment: str) -> list[Path]:
    """The environment's files with a sealing key, found by their labels, which are not encrypted."""
    _require_known(root, environment)
    files = sorted((root / FOLDER / environment).glob("*.yaml"))
    return [file for file in files if LABEL in (_metadata(file).get("labels") or {})]


def unsaved(root: Path, environment: str, keys: list[Secret]) -> list[Secret]:
    """The keys that have no backup."""
    saved = {(_metadata(file).get("annotations") or {}).get(FINGERPRINT) for file in backups(root, environment)}
    return [key for key in keys if key["metadata"]["annotations"][FINGERPRINT] not in saved]


def save(root: Path, environment: str, key: Secret, console: Console) -> Path:
    """Encrypt a key into the environment's folder. In plain text it is in memory and in a pipe only."""
    _require_known(root, environment)
    file = root / FOLDER / environment / f"{key['metadata']['name']}.yaml"
    if file.exists():
        raise BootstrapError(
            str(file), "it is the backup of another key, which had the same name", "keep that file under another name"
        )
    relative = str(file.relative_to(root))
    plain = yaml.safe_dump(key)
    encrypted = sops(root, console, "encrypt", "--filename-override", relative, "/dev/stdin", stdin=plain)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(encrypted)
    check(root, [file])
    return file


def check(root: Path, files: list[Path]) -> None:
    """Refuse a file that is not encrypted wholly and for its own environment only."""
    checking.check(root, read_recipients(root), files)


def publish(root: Path, environment: str, key: Secret) -> Path:
    """Write the certificate where `kubeseal --cert` takes it from; it is public and belongs into Git."""
    file = root / CERTIFICATES / f"{environment}.pem"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(certificate_of(key))
    return file


def _require_known(root: Path, environment: str) -> None:
    recipients = read_recipients(root)
    require_generated(root, recipients)
    if environment not in {one.environment for one in recipients}:
        raise BootstrapError(f"environment {environment}", f"{FILE} does not know it", "give it recipients there")


def _metadata(file: Path) -> dict[str, dict[str, str]]:
    document = yaml.safe_load(file.read_text())
    return (document.get("metadata") or {}) if isinstance(document, dict) else {}
