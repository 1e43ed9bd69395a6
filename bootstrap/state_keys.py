"""Which key encrypts which stack's state, by the stacks' own files: no policy pack is shown that.

Pulumi writes it into `Pulumi.<stack>.yaml`: `secretsprovider` with `encryptedkey`, or `encryptionsalt` for a
passphrase. A file with none of them has a key of Pulumi Cloud, which makes one for each stack. Two names of one KMS
key, such as its alias and its ARN, and two salts of one passphrase look like two keys.
Source: Pulumi, "Secrets handling".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from bootstrap.errors import BootstrapError

_ENVIRONMENTS = ":environments"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """environments: what the stack's configuration names so, or else the stack itself. keys: what opens its state."""

    name: str
    environments: frozenset[str]
    keys: frozenset[str]


def check(folder: Path, durable: Sequence[str]) -> int:
    """How many stacks there are. Raises BootstrapError if a durable environment's state shares its key with another
    environment's; several stacks of the same environments may."""
    stacks = list(_stacks(folder))
    if not stacks:
        raise BootstrapError(str(folder), "has no Pulumi.<stack>.yaml", "name the folder of the stacks' files")
    for one, other in combinations(stacks, 2):
        guarded = (one.environments | other.environments) & set(durable)
        if one.keys & other.keys and one.environments != other.environments and guarded:
            raise BootstrapError(
                f"the stacks {one.name} and {other.name}",
                f"one key encrypts the states of both, and {', '.join(sorted(guarded))} is in one of them",
                f"give one another key: pulumi stack change-secrets-provider --stack {other.name} PROVIDER",
            )
    return len(stacks)


def _stacks(folder: Path) -> Iterator[Stack]:
    for file in sorted(folder.glob("Pulumi.*.yaml")):
        name = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
        settings: Any = yaml.safe_load(file.read_text()) or {}
        config: dict[str, Any] = settings.get("config") or {}
        named = [one for key, value in config.items() if key.endswith(_ENVIRONMENTS) for one in value or ()]
        yield Stack(name=name, environments=frozenset(named or [name]), keys=frozenset(_keys(settings)))


def _keys(settings: Any) -> Iterator[str]:
    provider = str(settings.get("secretsprovider") or "").partition("?")[0]  # what follows says how to get there
    if "://" in provider:
        yield provider
    for field in ("encryptedkey", "encryptionsalt"):
        if settings.get(field):
            yield f"{field} {settings[field]}"
