"""The secrets that a stack makes itself: what is synced, what the operator holds, what the harness keeps."""

import base64
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.canaries.canary import Canary, of_key, of_text
from bootstrap.canaries.forms import SHORTEST
from bootstrap.canaries.planting import Planted
from bootstrap.sops.apply import FIELD_MANAGER
from bootstrap.verification.environment import EnvironmentView

_SECRET_FIELDS = ("SecretAccessKey", "unseal_key")
"""Of the harness's records in JSON: the rest of them is names."""
_ARGOCD_LABEL = "argocd.argoproj.io/secret-type"
_ARGOCD_FIELDS = ("sshPrivateKey", "password", "githubAppPrivateKey")
"""Of Argo CD's Secrets: what a credential class of the library keeps in the manager."""
_LONGEST = 4096
"""Bytes of a value that are looked for: all of its forms must fit into what two pieces of a file share."""
_REGISTRY_FIELDS = ("password", "auth", "identitytoken", "registrytoken")
"""Of a pull secret's JSON, which may be written elsewhere in other words."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment's: each is in its manager and in Kubernetes Secrets, but for `held`, which are nowhere at rest.

    deploy_keys: that of Argo CD's repository; at most one. through_engine: the same if Pulumi made it, as the one
    secret that passes through Pulumi (ADR 0005); none if it was made in the cluster. argocd: what else Argo CD reads
    Git with. applied: what `sops apply` brought, which is in no manager.
    """

    planted: Canary
    first: Canary
    deploy_keys: frozenset[Canary]
    through_engine: frozenset[Canary]
    argocd: frozenset[Canary]
    applied: frozenset[Canary]
    held: Sequence[Canary]

    @property
    def synced(self) -> frozenset[Canary]:
        return frozenset({self.planted, self.first}) | self.deploy_keys

    @property
    def in_secrets(self) -> frozenset[Canary]:
        return self.synced | self.argocd | self.applied


def of_environment(view: EnvironmentView, planted: Planted, made_by_pulumi: Collection[str]) -> Environment:
    """`made_by_pulumi`: the public halves of the keys in the stack's state."""
    canary, argocd = view.references["canary"], view.references.get("argocd")
    (first,) = view.secret_data(canary["namespace"], canary["name"]).values()
    deploy_keys: set[Canary] = set()
    if argocd is not None:
        pem = view.secret_data(argocd["namespace"], argocd["repositorySecret"])["sshPrivateKey"]
        deploy_keys.add(of_key(f"deploy key of {view.name}", pem))
    through_engine = deploy_keys if _half(view.references.get("deployPublicKey")) in map(_half, made_by_pulumi) else ()
    secrets = view.get("/api/v1/secrets")["items"]
    seen = {value for one in deploy_keys for value in one.values}
    names = ("the operator's token", *("what the manager gave for it",) * 2)
    return Environment(
        planted=of_text(f"value put into {view.name}", planted.value),
        first=of_text(f"first value of {view.name}", first),
        deploy_keys=frozenset(deploy_keys),
        through_engine=frozenset(through_engine),
        argocd=frozenset(_new(_of_argocd(secrets, view.name), seen)),
        applied=frozenset(_new(_applied(secrets, view.name), seen)),
        held=[
            of_text(f"{name}, {view.name}", secret.encode())
            for name, secret in zip(names, view.presented(), strict=False)
        ],
    )


def public_halves(state: Mapping[str, Any]) -> list[str]:
    """Of every key that Pulumi made."""
    resources = state["deployment"].get("resources", [])
    keys = [one["outputs"] for one in resources if one["type"] == "tls:index/privateKey:PrivateKey"]
    return [key["publicKeyOpenssh"] for key in keys]


def _half(public_key: str | None) -> Sequence[str]:
    """Without its comment, in which Pulumi's and the generator's differ."""
    return (public_key or "").split()[:2]


def _new(canaries: Iterator[Canary], seen: set[bytes]) -> Iterator[Canary]:
    """Each value once: it may be in several Secrets, such as those of two repositories."""
    for one in canaries:
        if seen.isdisjoint(one.values):
            yield one
        seen.update(one.values)


def _of_argocd(secrets: Sequence[Mapping[str, Any]], environment: str) -> Iterator[Canary]:
    for secret in secrets:
        if _ARGOCD_LABEL in (secret["metadata"].get("labels") or {}):
            yield from _of_data(secret, environment, _ARGOCD_FIELDS)


def _applied(secrets: Sequence[Mapping[str, Any]], environment: str) -> Iterator[Canary]:
    for secret in secrets:
        fields = secret["metadata"].get("managedFields") or ()
        if any(one.get("manager") == FIELD_MANAGER for one in fields):
            yield from _of_data(secret, environment, list(secret.get("data") or ()))


def _of_data(secret: Mapping[str, Any], environment: str, keys: Sequence[str]) -> Iterator[Canary]:
    """What can be followed of a Secret: no short word, which occurs by chance, and no certificate, which is public."""
    for key in keys:
        name = f"{secret['metadata']['namespace']}/{secret['metadata']['name']}, {key}, {environment}"
        value = base64.b64decode((secret.get("data") or {}).get(key, ""))
        if b"PRIVATE KEY-----" in value:
            yield of_key(name, value)
        elif len(value) >= SHORTEST and not value.startswith(b"-----BEGIN"):
            # Not its long words: those of a file may be names that stand everywhere.
            yield Canary(name=name, values=(value.strip()[:_LONGEST], *_of_registries(value)))


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
