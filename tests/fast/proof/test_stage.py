"""What counts as the operator's answer to an ExternalSecret that an attack makes."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bootstrap.proof import stage
from bootstrap.verification.environment import EnvironmentView, RefusedError

NAMESPACE = "payments"
OBJECT = f"{stage.API}/{NAMESPACE}/externalsecrets/proof"
SECRET = f"/api/v1/namespaces/{NAMESPACE}/secrets/proof"
STORE = {"kind": "SecretStore", "name": "team"}


class Cluster:
    """An API server with an operator that takes its time: what it says of each new ExternalSecret, if it refuses it."""

    def __init__(self, *says: str) -> None:
        self.says, self.made, self.asked = list(says), 0, 0
        self.there: set[str] = set()
        self.events: list[dict[str, Any]] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if request.method == "POST":
            self.made += 1
            self.there.add(OBJECT)
            return httpx2.Response(201, json={"metadata": self._metadata})
        if request.method == "DELETE":
            self.there -= {OBJECT, SECRET}
            return httpx2.Response(200)
        if path.endswith("/events"):
            self.asked += 1
            if self.asked % 3 == 0:
                self._judge()
            return httpx2.Response(200, json={"items": self.events})
        return httpx2.Response(200 if path in self.there else 404)

    @property
    def _metadata(self) -> Mapping[str, str]:
        return {"name": "proof", "namespace": NAMESPACE, "uid": f"uid-{self.made}"}

    def _judge(self) -> None:
        words = self.says[self.made - 1]
        if words:
            self.events.append({"type": "Warning", "message": words, "involvedObject": self._metadata})
        else:
            self.there.add(SECRET)


class View(EnvironmentView):
    """A view that sees nothing but the cluster."""

    @cached_property
    def kubernetes(self) -> httpx2.Client:  # type: ignore[override]
        transport = httpx2.MockTransport(self.references["cluster"].answer)
        return httpx2.Client(base_url="https://cluster", transport=transport)

    def like_the_first_sync(self, name: str, **_: Any) -> dict[str, Any]:
        return {"metadata": {"name": name}}

    def key_of(self, name: str) -> str:
        return name


View.__abstractmethods__ = frozenset()


def view(*says: str) -> View:
    return View(
        name="prod",
        references={"cluster": Cluster(*says)},
        raw_etcd_value=lambda _namespace, _name: b"",
        operator_environments=list,
        issuer_key=Path(),
    )


def test_an_earlier_refusal_is_not_the_next_ones() -> None:
    """Events stay for an hour, and the next attack in a namespace makes an object of the same name."""
    seen = view("AccessDeniedException", "")
    with pytest.raises(RefusedError, match="AccessDenied"):
        stage.sync(seen, NAMESPACE, STORE)
    stage.sync(seen, NAMESPACE, STORE)
    assert seen.references["cluster"].there == set()


def test_only_the_managers_own_words_refuse_a_container() -> None:
    with pytest.raises(RefusedError, match="permission denied"):
        stage.open_container(view("permission denied"), NAMESPACE, STORE, "payments/api")
    with pytest.raises(RuntimeError, match="not because access was denied"):
        stage.open_container(view("no such host"), NAMESPACE, STORE, "payments/api")
    stage.open_container(view(""), NAMESPACE, STORE, "payments/api")
