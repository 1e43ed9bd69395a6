"""The files of a stack's folder: each belongs to one place, and what no place claims is searched too."""

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

# What the harness itself keeps for its owner only. In a cloud these are a person's, a node's or the provider's.
KEPT = (
    "passphrase",
    "aws/admin-token",
    "aws/deployer.*",
    "aws/session-key",
    "vault/seal.json",
    "vault/pki/*.key",
    "clusters/*/pki/*.key",
    "clusters/*/*kubeconfig",
    "clusters/*/host/etc/vault-node/*.key",
)
TOKENS = ("clusters/*/pods/*/volumes/*/*token*",)
STATE = ("backend/*",)
LOGS_OF_THE_OPERATOR = ("clusters/{cluster}/pods/external-secrets_*.log",)
LOGS = ("*.log",)
AUDIT = ("aws/audit.jsonl", "vault/audit.jsonl")
ETCD = ("clusters/{cluster}/etcd-data/*",)
MOTO = ("aws/moto/*",)
VAULT = ("vault/data/*",)


class Folder:
    """Hands out each file once, to the first place that asks."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._left = {
            str(path.relative_to(root)): path
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }

    def take(self, patterns: Sequence[str], **named: str) -> list[Path]:
        """The files that fit one of the patterns, and are nobody's yet. `*` crosses folders."""
        wanted = [pattern.format(**named) for pattern in patterns]
        taken = [name for name in self._left if any(fnmatch(name, one) for one in wanted)]
        return [self._left.pop(name) for name in taken]

    def rest(self) -> list[Path]:
        """What nobody took."""
        return self.take(["*"])
