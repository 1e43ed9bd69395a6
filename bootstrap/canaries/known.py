"""The secrets that a stack makes itself: what is synced, what the operator holds, what the harness keeps."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.canaries.canary import Canary, of_key, of_text
from bootstrap.canaries.planting import Planted
from bootstrap.verification.environment import EnvironmentView

_SECRET_FIELDS = ("SecretAccessKey", "unseal_key")
"""Of the harness's records in JSON: the rest of them is names."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment's: each is in its manager and in Kubernetes Secrets, but for `held`, which are nowhere at rest.

    deploy_keys: Argo CD's, the one secret that passes through Pulumi (ADR 0005); at most one.
    """

    planted: Canary
    first: Canary
    deploy_keys: frozenset[Canary]
    held: Sequence[Canary]

    @property
    def synced(self) -> frozenset[Canary]:
        return frozenset({self.planted, self.first}) | self.deploy_keys


def of_environment(view: EnvironmentView, planted: Planted) -> Environment:
    canary, argocd = view.references["canary"], view.references.get("argocd")
    (first,) = view.secret_data(canary["namespace"], canary["name"]).values()
    deploy_keys: set[Canary] = set()
    if argocd is not None:
        pem = view.secret_data(argocd["namespace"], argocd["repositorySecret"])["sshPrivateKey"]
        deploy_keys.add(of_key(f"deploy key of {view.name}", pem))
    names = ("the operator's token", *("what the manager gave for it",) * 2)
    return Environment(
        planted=of_text(f"value put into {view.name}", planted.value),
        first=of_text(f"first value of {view.name}", first),
        deploy_keys=frozenset(deploy_keys),
        held=[
            of_text(f"{name}, {view.name}", secret.encode())
            for name, secret in zip(names, view.presented(), strict=False)
        ],
    )


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
