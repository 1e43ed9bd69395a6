"""API servers in front of one etcd, as far as a rotation looks at them: Secrets with revisions, Leases and metrics."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx2

from bootstrap.rotation.etcd.api_servers import digest

SECRETS = "/api/v1/secrets"


@dataclass
class Server:
    """One API server: what it has loaded, what its plugin last said, what it last wrote with."""

    name: str
    provider: str = "kms-1"
    key_id: str = "1"
    configuration: str = "old"
    wrote: str = ""
    asked: int = 0


@dataclass
class FakeCluster:
    """`servers` answer in turn, as behind a load balancer."""

    servers: list[Server] = field(default_factory=lambda: [Server("apiserver-a"), Server("apiserver-b")])
    revision: int = 10
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    encrypted: dict[str, str] = field(default_factory=dict[str, str])
    ages: dict[str, int] = field(default_factory=dict[str, int])
    page: int = 2
    writes: int = 0
    expired: int = 0
    conflict: set[str] = field(default_factory=set[str])
    _turn: int = 0

    def client(self) -> httpx2.Client:
        return httpx2.Client(base_url="https://cluster", transport=httpx2.MockTransport(self.answer))

    def make(self, *names: str) -> None:
        for name in names:
            body = {"metadata": {"namespace": "default", "name": name}, "data": {}}
            self._write(self.servers[0], "default", name, body)

    def rotate(self, key_id: str) -> None:
        for server in self.servers:
            server.key_id = key_id

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path, server = request.url.path, self.servers[self._turn % len(self.servers)]
        if path == "/metrics":
            return httpx2.Response(200, text=self._metrics(server))
        if path.endswith("/leases"):
            return httpx2.Response(200, json={"items": [self._lease(one.name) for one in self.servers]})
        if path == "/healthz/kms-providers":
            self._turn += 1
            one = self.servers[self._turn % len(self.servers)]
            one.asked += 1
            return httpx2.Response(200, text="ok")
        if path == SECRETS:
            return self._list(int(request.url.params.get("continue", "0")))
        return self._one(request, server)

    def _one(self, request: httpx2.Request, server: Server) -> httpx2.Response:
        parts = request.url.path.split("/")
        namespace, name = parts[4], parts[6] if len(parts) > 6 else ""
        body = json.loads(request.content) if request.content else {}
        key = f"{namespace}/{name}"
        if request.method == "POST":
            name = body["metadata"]["name"]
            body["metadata"]["namespace"] = namespace
            return httpx2.Response(201, json=self._write(server, namespace, name, body))
        if key not in self.secrets:
            return httpx2.Response(404, json={})
        if request.method == "GET":
            return httpx2.Response(200, json=self.secrets[key])
        if request.method == "PATCH":
            merged = {**self.secrets[key], "data": {**self.secrets[key].get("data", {}), **body["data"]}}
            return httpx2.Response(200, json=self._write(server, namespace, name, merged))
        if key in self.conflict:
            self.conflict.discard(key)
            return httpx2.Response(409, json={})
        stale = self.encrypted[key] != f"{server.provider}:{server.key_id}"
        annotated = body["metadata"].get("annotations") != self.secrets[key]["metadata"].get("annotations")
        if not stale and not annotated:
            return httpx2.Response(200, json=self.secrets[key])  # nothing to write: the revision stays
        self.writes += 1
        return httpx2.Response(200, json=self._write(server, namespace, name, body))

    def _write(self, server: Server, namespace: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        self.revision += 1
        made = json.loads(json.dumps(body))
        made["metadata"] |= {"namespace": namespace, "name": name, "resourceVersion": str(self.revision)}
        self.secrets[f"{namespace}/{name}"] = made
        self.encrypted[f"{namespace}/{name}"] = server.wrote = f"{server.provider}:{server.key_id}"
        return made

    def _list(self, begin: int) -> httpx2.Response:
        if begin and self.expired:
            self.expired -= 1
            return httpx2.Response(410, json={"metadata": {"continue": str(begin)}})
        items = list(self.secrets.values())[begin : begin + self.page]
        more = {"continue": str(begin + self.page)} if begin + self.page < len(self.secrets) else {}
        return httpx2.Response(200, json={"items": items, "metadata": more})

    def _lease(self, name: str) -> dict[str, Any]:
        age = self.ages.get(name, 0)
        return {"metadata": {"name": name}, "spec": {"renewTime": f"2026-01-01T00:{59 - age:02}:00.000000Z"}}

    def _metrics(self, server: Server) -> str:
        who = f'apiserver_id_hash="{digest(server.name)}"'
        envelope = "apiserver_envelope_encryption_key_id_hash"
        lines = [
            "# HELP something",
            f'apiserver_encryption_config_controller_last_config_info{{{who},hash="{server.configuration}"}} 1',
            f'{envelope}_status_last_timestamp_seconds{{{who},key_id_hash="{digest(server.key_id)}",'
            f'provider_name="{server.provider}"}} {1.7e9 + server.asked}',
        ]
        if server.wrote:
            provider, key_id = server.wrote.split(":")
            lines.append(
                f'{envelope}_last_timestamp_seconds{{{who},key_id_hash="{digest(key_id)}",provider_name="{provider}",'
                f'transformation_type="to_storage"}} {1.7e9 + self.revision}'
            )
        return "\n".join(lines)
