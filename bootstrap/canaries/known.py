"""The secrets that a stack makes itself: what is in its Secrets, what the operator holds, what the harness keeps."""

import base64
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.canaries.canary import Canary, of_key, of_text
from bootstrap.canaries.forms import SHORTEST
from bootstrap.canaries.origins import ORIGINS, Origin, Secret
from bootstrap.canaries.planting import Planted
from bootstrap.verification.environment import EnvironmentView

_SECRET_FIELDS = ("SecretAccessKey", "unseal_key")
"""Of the harness's records in JSON: the rest of them is names."""
_LONGEST = 4096
"""Bytes of a value that are looked for: all of its forms must fit into what two pieces of a file share."""
_NAMES = ("username", "user", "host", "hostname")
"""Fields of any Secret that say who and where: logs name both."""
_PRIVATE_KEY = re.compile(rb"-----BEGIN ([A-Z ]*PRIVATE KEY(?: BLOCK)?)-----.+?-----END \1-----", re.DOTALL)
_PUBLIC = (b"-----BEGIN", b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-")
"""How certificates and public keys begin."""
_REGISTRY_FIELDS = ("password", "auth", "identitytoken", "registrytoken")
"""Of a pull secret's JSON, which may be written elsewhere in other words."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment's: each is in a Secret of its cluster, but for `held`, which are nowhere at rest.

    planted, first, deploy_keys: what is certainly in the manager too; of keys, that of Argo CD's repository, at most
    one. from_manager: what may be there as well. elsewhere: what is in no manager. through_engine: keys that Pulumi
    made, so that they pass through it (ADR 0005).
    """

    planted: Canary
    first: Canary
    deploy_keys: frozenset[Canary]
    from_manager: frozenset[Canary]
    elsewhere: frozenset[Canary]
    through_engine: frozenset[Canary]
    held: Sequence[Canary]

    @property
    def synced(self) -> frozenset[Canary]:
        return frozenset({self.planted, self.first}) | self.deploy_keys

    @property
    def in_secrets(self) -> frozenset[Canary]:
        return self.synced | self.from_manager | self.elsewhere


def of_environment(view: EnvironmentView, planted: Planted, made_by_pulumi: Collection[str]) -> Environment:
    """`made_by_pulumi`: the public halves of the keys in the stack's state."""
    canary, argocd = view.references["canary"], view.references.get("argocd")
    (value,) = view.secret_data(canary["namespace"], canary["name"]).values()
    own, first = of_text(f"value put into {view.name}", planted.value), of_text(f"first value of {view.name}", value)
    deploy_keys: set[Canary] = set()
    if argocd is not None:
        pem = view.secret_data(argocd["namespace"], argocd["repositorySecret"])["sshPrivateKey"]
        deploy_keys.add(of_key(f"deploy key of {view.name}", pem))
    seen = {part for one in (own, first, *deploy_keys) for part in one.values}
    found = list(_new(_of_secrets(view.get("/api/v1/secrets")["items"], view.name), seen))
    made = set(map(_without_comment, made_by_pulumi))
    return Environment(
        planted=own,
        first=first,
        deploy_keys=frozenset(deploy_keys),
        from_manager=frozenset(one for origin, one in found if origin.in_manager),
        elsewhere=frozenset(one for origin, one in found if not origin.in_manager),
        through_engine=frozenset(
            one for one in (*deploy_keys, *(one for _, one in found)) if one.public_half and one.public_half in made
        ),
        held=[of_text(f"{name}, {view.name}", secret.encode()) for name, secret in view.presented()],
    )


def public_halves(state: Mapping[str, Any]) -> list[str]:
    """Of every key that Pulumi made."""
    resources = state["deployment"].get("resources", [])
    keys = [one["outputs"] for one in resources if one["type"] == "tls:index/privateKey:PrivateKey"]
    return [key["publicKeyOpenssh"] for key in keys]


def _without_comment(public_key: str) -> str:
    return " ".join(public_key.split()[:2])


def _new(found: Iterable[tuple[Origin, Canary]], seen: set[bytes]) -> Iterator[tuple[Origin, Canary]]:
    """Each value once: it may be in several Secrets, such as those of two repositories."""
    for origin, one in found:
        if seen.isdisjoint(one.values):
            yield origin, one
        seen.update(one.values)


def _of_secrets(secrets: Sequence[Secret], environment: str) -> Iterator[tuple[Origin, Canary]]:
    """All that can be followed of a cluster's Secrets, in the order of the origins."""
    first = [(next((row for row in ORIGINS if row.brought(secret)), None), secret) for secret in secrets]
    for origin in ORIGINS:
        for secret in (one for row, one in first if row is origin):
            yield from ((origin, one) for one in _of_data(secret, environment, origin))


def _of_data(secret: Secret, environment: str, origin: Origin) -> Iterator[Canary]:
    """What can be followed of a Secret: no short word, which occurs by chance, and no public half of anything."""
    for key, encoded in (secret.get("data") or {}).items():
        if key not in (origin.fields or (key,)) or key in _NAMES:
            continue
        name = f"{secret['metadata']['namespace']}/{secret['metadata']['name']}, {key}, {environment}, {origin.name}"
        value = base64.b64decode(encoded).strip()
        # A key may be in JSON, or with its certificates in one file.
        blocks = [block.group() for block in _PRIVATE_KEY.finditer(value.replace(b"\\n", b"\n"))]
        if blocks:
            yield from (one for one in (of_key(name, block) for block in blocks) if one.values)
        elif len(value) >= SHORTEST and not value.startswith(_PUBLIC):
            # Not its long words: those of a file may be names that stand everywhere.
            yield Canary(name=name, values=(value[:_LONGEST], *_of_registries(value)))


def _of_registries(value: bytes) -> Iterator[bytes]:
    try:
        registries = json.loads(value)["auths"].values()
        found = [str(one[field]).encode() for one in registries for field in _REGISTRY_FIELDS if one.get(field)]
    except (ValueError, TypeError, KeyError, AttributeError):
        return  # it is no pull secret
    yield from (one for one in found if len(one) >= SHORTEST)


def of_files(files: Sequence[Path], root: Path) -> Iterator[Canary]:
    """What is in files that are kept for their owner only. A kubeconfig has a key that is in a file of its own too."""
    for path in (one for one in files if not one.name.endswith("kubeconfig")):
        name, content = str(path.relative_to(root)), path.read_bytes().strip()
        if content.startswith(b"-----"):
            yield of_key(name, content)
        elif content.startswith(b"{"):
            record: Mapping[str, Any] = json.loads(content)
            yield from (of_text(name, str(record[field]).encode()) for field in _SECRET_FIELDS if record.get(field))
        elif not content.startswith(b"["):  # the deployer's profile has what `deployer.json` has
            yield of_text(name, content)
