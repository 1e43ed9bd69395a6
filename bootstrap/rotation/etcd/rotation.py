"""The steps of a rotation, in order: add → promote → rewrite → remove. Each is refused until the one before is proved.

A key that changes by itself (a new version of a transit key, a new key of AKS) needs `check` before and `rewrite`
after.
"""

from dataclasses import dataclass
from typing import Protocol

import httpx2
from rich.console import Console
from rich.progress import Progress

from bootstrap.errors import BootstrapError
from bootstrap.rotation.etcd import configuration
from bootstrap.rotation.etcd.api_servers import WriteKey, observe, wait_until
from bootstrap.rotation.etcd.evidence import Evidence, named
from bootstrap.rotation.etcd.mark import live_write_key
from bootstrap.rotation.etcd.rewriting import rewrite_secrets


class ControlPlaneFiles(Protocol):
    """Where the EncryptionConfiguration of a cluster's API servers is changed."""

    def configuration(self) -> str: ...

    def configure(self, text: str) -> str:
        """Put a configuration in place of every API server's. Returns the hash that each reports once it is loaded."""
        ...


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """A cluster whose key is rotated. `files` is None where somebody else owns the configuration, as on AKS."""

    http: httpx2.Client
    evidence: Evidence
    files: ControlPlaneFiles | None
    console: Console

    def check(self) -> None:
        """Refuse unless every Secret is under the current write key. A next rotation would lose the others."""
        key = self._agreed()
        self._require_rewritten(key)
        self.console.print(f"every Secret is under the current key of provider {key.provider}")

    def add(self, provider: str, endpoint: str) -> None:
        """Let every API server read what a new provider will write. Its plugin runs already."""
        self._require_rewritten(live_write_key(self.http))
        self._load(configuration.with_reader(self._files.configuration(), provider, endpoint), f"reads {provider}")

    def promote(self, provider: str) -> None:
        """Let every API server write with a provider that all of them can read."""
        self._require_rewritten(live_write_key(self.http))
        self._load(configuration.promoted(self._files.configuration(), provider), f"writes with {provider}")
        self.evidence.note(self._agreed())

    def rewrite(self) -> int:
        """Write every Secret anew that is not under the current write key. Goes on where a killed run ended."""
        key = self._agreed()
        self.evidence.note(key)
        behind = self.evidence.behind(key)
        with Progress(console=self.console) as progress:
            task = progress.add_task("writing Secrets anew", total=len(behind))
            rewrite_secrets(
                self.http,
                lambda secret: named(secret) in behind,
                lambda: progress.advance(task),
                insist=True,
            )
        self._require_rewritten(live_write_key(self.http))
        return len(behind)

    def remove(self, provider: str) -> None:
        """Take out a provider that no Secret needs any more. Its plugin may end afterwards."""
        self._require_rewritten(live_write_key(self.http))
        self._load(configuration.without(self._files.configuration(), provider), f"knows {provider} no more")

    def _require_rewritten(self, key: WriteKey) -> None:
        behind = self.evidence.behind(key)
        if behind:
            raise BootstrapError(
                f"{len(behind)} Secrets, such as {min(behind)}",
                f"they are not known to be under the current key of provider {key.provider}:"
                " a rotation or a removal now could lose them",
                "run the step `rewrite` first",
            )

    def _agreed(self) -> WriteKey:
        """The write key, once every API server has asked its plugin anew and they agree.

        One that had not seen a promotion or the key's new version would go on writing with the old key.
        """
        provider = live_write_key(self.http).provider
        asked = {server.id_hash: server.asked.get(provider, 0.0) for server in observe(self.http)}
        wait_until(
            self.http,
            lambda servers: (
                all(one.asked.get(provider, 0.0) > asked.get(one.id_hash, 0.0) for one in servers)
                and len({one.configuration for one in servers}) == 1
            ),
            f"the current key of provider {provider}, or the same EncryptionConfiguration",
        )
        key = live_write_key(self.http)
        wait_until(
            self.http,
            lambda servers: all(one.known.get(key.provider) == key.key_id_hash for one in servers),
            f"the current key of provider {key.provider}",
        )
        return key

    def _load(self, text: str, what: str) -> None:
        wanted = self._files.configure(text)
        self.console.print(f"waiting until every API server {what}")
        wait_until(
            self.http,
            lambda servers: all(server.configuration == wanted for server in servers),
            "the new EncryptionConfiguration",
        )

    @property
    def _files(self) -> ControlPlaneFiles:
        if self.files is None:
            raise BootstrapError(
                "the EncryptionConfiguration",
                "it is not known where the API servers have theirs",
                "give --configuration, or let your provider rotate the key and run `check` before and `rewrite` after",
            )
        return self.files
