"""Which Secrets are not under the write key yet, by what the cluster itself holds."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import httpx2

from bootstrap.rotation.etcd import mark
from bootstrap.rotation.etcd.api_servers import WriteKey, digest
from bootstrap.rotation.etcd.rewriting import Secret, secrets


class Evidence(Protocol):
    """How it is known what a Secret is encrypted with."""

    def note(self, key: WriteKey) -> None:
        """Every API server writes with this key now: remember it, if that is needed."""
        ...

    def behind(self, key: WriteKey) -> set[str]:
        """The Secrets, as namespace/name, that are not known to be under this key."""
        ...


class EtcdEvidence:
    """By the values themselves, where etcd can be read: provider and key id stand in front of each."""

    def __init__(self, stored: Callable[[], Iterable[tuple[str, str, str]]]) -> None:
        """`stored` gives for each Secret its namespace/name, its provider and the id of its key."""
        self._stored = stored

    def note(self, key: WriteKey) -> None:
        """Nothing has to be remembered: the values say it."""

    def behind(self, key: WriteKey) -> set[str]:
        return {name for name, provider, key_id in self._stored() if WriteKey(provider, digest(key_id)) != key}


class RevisionEvidence:
    """By the revision of each Secret's last write, where etcd cannot be read. Needs the mark of the current key."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http

    def note(self, key: WriteKey) -> None:
        found = mark.read(self._http)
        if found is None or found.key != key:
            mark.set_mark(self._http, key)

    def behind(self, key: WriteKey) -> set[str]:
        found = mark.read(self._http)
        since = found.revision if found is not None and found.key == key else None
        return {
            named(secret)
            for secret in secrets(self._http)
            if named(secret) != f"{mark.NAMESPACE}/{mark.NAME}"
            and (since is None or int(_metadata(secret)["resourceVersion"]) <= since)
        }


def named(secret: Secret) -> str:
    return f"{_metadata(secret)['namespace']}/{_metadata(secret)['name']}"


def _metadata(secret: Secret) -> Mapping[str, str]:
    return secret["metadata"]
