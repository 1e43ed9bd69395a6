"""A container in Vault's kv engine, version 2: versions are numbers, and a write names the one that it replaces."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

import httpx2

from bootstrap.errors import BootstrapError
from bootstrap.verification.vault import VaultView

_PROPERTY = "value"


@dataclass(frozen=True)
class VaultContainer:
    """writer: opens the API as the one who writes and reads nothing. reader: the same as the operator."""

    mount: str
    remote_key: str
    writer: Callable[[], httpx2.Client]
    reader: Callable[[], httpx2.Client]
    written_property: ClassVar[str | None] = _PROPERTY

    def current(self) -> str | None:
        with self.reader() as http:
            answer = http.get(self._path)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        return str(self._checked(answer)["data"]["metadata"]["version"])

    def read(self) -> dict[str, str]:
        return self._read("0")

    def next_version(self, current: str) -> str:
        return str(int(current) + 1)

    def write(self, value: str, *, version: str, replacing: str) -> None:  # noqa: ARG002  (Vault counts)
        """Only the one key is replaced: who writes need not know what stands beside it."""
        body = {"data": {_PROPERTY: value}, "options": {"cas": int(replacing)}}
        with self.writer() as http:
            headers = {"Content-Type": "application/merge-patch+json"}
            self._checked(http.patch(self._path, json=body, headers=headers))

    def restored_version(self, previous: str, replacing: str) -> str:  # noqa: ARG002  (it is written once more)
        return self.next_version(replacing)

    def restore(self, previous: str, *, replacing: str) -> None:
        """Vault moves no label: the operator reads the earlier version, and the writer writes it once more."""
        body = {"data": self._read(previous), "options": {"cas": int(replacing)}}
        with self.writer() as http:
            self._checked(http.post(self._path, json=body))

    def _read(self, version: str) -> dict[str, str]:
        with self.reader() as http:
            answer = http.get(self._path, params={"version": version})
        return dict(self._checked(answer)["data"]["data"])

    @property
    def _path(self) -> str:
        return f"/v1/{self.mount}/data/{self.remote_key}"

    def _checked(self, answer: httpx2.Response) -> dict[str, Any]:
        if answer.is_error:
            raise BootstrapError(
                f"secret {self.mount}/{self.remote_key}",
                f"Vault answered {answer.status_code} to {answer.request.method}",
                "400 is a version that somebody else has written meanwhile, 403 a policy, 404 a version that is gone",
            )
        return dict(answer.json())


def container(view: VaultView, secret: str) -> VaultContainer:
    role = str(view.references["writersPolicy"])  # a role of this name gives this policy
    return VaultContainer(
        mount=str(view.references["secretsMount"]),
        remote_key=secret,
        writer=lambda: view.vault.login_as_writer(role),
        reader=view.identity,
    )
