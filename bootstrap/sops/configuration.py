"""`.sops.yaml`: one rule for each environment, generated, and compared again by `check`."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from bootstrap.errors import BootstrapError
from bootstrap.leaks.sops import CONFIGURATION
from bootstrap.sops.recipients import FILE, Recipients

FOLDER = "secrets"
ENCRYPTED_REGEX = "^(data|stringData)$"
_HEAD = "# Generated from sops-recipients.yaml by `python -m bootstrap sops config`.\n"


def generate(environments: Sequence[Recipients]) -> str:
    """The text of `.sops.yaml`: files of `secrets/<environment>/` are for this environment's keys only.

    `^` binds each rule to its folder, and there is no rule for other files: SOPS refuses to encrypt those.
    Source: getsops/sops v3.13.3, `config/config.go`.
    """
    return _HEAD + yaml.safe_dump({"creation_rules": [_rule(one) for one in environments]}, sort_keys=False)


def write(root: Path, environments: Sequence[Recipients]) -> Path:
    """Raises BootstrapError for a file that somebody else wrote: its rules would be gone."""
    file = root / CONFIGURATION
    if file.exists() and not file.read_text().startswith(_HEAD):
        raise BootstrapError(
            str(file), "it was not generated, and its rules would be lost", f"move them into {FILE}, then remove it"
        )
    file.write_text(generate(environments))
    return file


def require_generated(root: Path, environments: Sequence[Recipients]) -> None:
    """Refuse a `.sops.yaml` that is not the generated one: files would be encrypted for somebody else."""
    file = root / CONFIGURATION
    if not file.exists() or file.read_text() != generate(environments):
        raise BootstrapError(
            str(file), "it is not what sops-recipients.yaml says", "run `python -m bootstrap sops config`, then commit"
        )


def owner(path: PurePosixPath, environments: Sequence[Recipients]) -> Recipients | None:
    """The environment in whose folder a file is; `path` is below the configuration's folder."""
    parts = path.parts
    if len(parts) < 3 or parts[0] != FOLDER:
        return None
    return next((one for one in environments if one.environment == parts[1]), None)


def _rule(one: Recipients) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "path_regex": rf"^{FOLDER}/{one.environment}/.+\.ya?ml$",
        "encrypted_regex": ENCRYPTED_REGEX,
        "key_groups": one.entries,
    }
    return {**rule, "shamir_threshold": 2} if one.both else rule
