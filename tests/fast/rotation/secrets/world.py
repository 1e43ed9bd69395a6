"""A manager and the clusters that read from it, as far as a rotation looks at them."""

import base64
import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import httpx2

from bootstrap.rotation.secrets.consumers import EXTERNAL_SECRETS
from bootstrap.rotation.secrets.record import RunRecord, Settings, StageRecord
from bootstrap.rotation.secrets.rotation import Rotation
from bootstrap.verification.environment import EnvironmentView

ES = f"{EXTERNAL_SECRETS}/namespaces/apps/externalsecrets/database"
SECRET = "/api/v1/namespaces/apps/secrets/database"
DEPLOYMENT = "/apis/apps/v1/namespaces/apps/deployments/web"
STORE = {"vault": {"server": "https://vault", "path": "secrets", "auth": {"kubernetes": {}}}}


class KilledError(BaseException):
    """The process ends here."""


@dataclass
class FakeContainer:
    """A container whose versions are numbers. `die`: at the beginning or the end of the next write or restore."""

    versions: dict[str, str] = field(default_factory=lambda: {"1": "old"})
    head: str = "1"
    remote_key: ClassVar[str] = "database"
    written_property: ClassVar[str | None] = None
    die: str = ""

    def current(self) -> str | None:
        return self.head or None

    def read(self) -> str:
        return self.versions[self.head]

    def next_version(self, current: str) -> str:
        return str(int(current) + 1)

    def write(self, value: str, *, version: str, replacing: str) -> None:
        self._change(value, version, replacing)

    def restored_version(self, previous: str, replacing: str) -> str:
        return self.next_version(replacing)

    def restore(self, previous: str, *, replacing: str) -> None:
        self._change(self.versions[previous], self.next_version(replacing), replacing)

    def _change(self, value: str, version: str, replacing: str) -> None:
        assert self.head == replacing
        die, self.die = self.die, ""
        if die == "before":
            raise KilledError
        self.versions[version], self.head = value, version
        if die == "after":
            raise KilledError


@dataclass
class FakeCluster:
    """Objects by path. `operator`: it syncs when it is forced to. `rolls`: Deployments become what they should be."""

    container: FakeContainer
    operator: bool = True
    rolls: bool = True
    revision: int = 10
    restarts: int = 0
    objects: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        self.objects[f"{EXTERNAL_SECRETS}/clustersecretstores/prod"] = {"spec": {"provider": STORE}}
        self.objects[ES] = {
            "metadata": {"namespace": "apps", "name": "database"},
            "spec": {
                "refreshInterval": "1h0m0s",
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": "prod"},
                "data": [{"secretKey": "password", "remoteRef": {"key": "database"}}],
            },
            "status": {"conditions": [{"type": "Ready", "reason": "SecretSynced"}], "syncedResourceVersion": "1-a"},
        }
        self.objects[DEPLOYMENT] = {
            "metadata": {
                "namespace": "apps",
                "name": "web",
                "generation": 1,
                "annotations": {"secrets-bootstrap/restart-on": "database"},
            },
            "spec": {"replicas": 1, "template": {"metadata": {}, "spec": {"containers": [{"env": [variable()]}]}}},
        }
        self.sync()
        self.roll()

    def sync(self) -> None:
        self.revision += 1
        data = {"password": base64.b64encode(self.container.read().encode()).decode()}
        self.objects[SECRET] = {"metadata": {"resourceVersion": str(self.revision)}, "data": data}
        self.objects[ES]["status"]["syncedResourceVersion"] = f"{self.revision}-a"

    def roll(self) -> None:
        deployment = self.objects[DEPLOYMENT]
        deployment["status"] = {
            "observedGeneration": deployment["metadata"]["generation"],
            **dict.fromkeys(("updatedReplicas", "replicas", "availableReplicas"), 1),
        }

    def password(self) -> str:
        return base64.b64decode(self.objects[SECRET]["data"]["password"]).decode()

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if request.method == "PATCH":
            self._patch(path, json.loads(request.content))
        if path in self.objects:
            return httpx2.Response(200, json=self.objects[path])
        found = [
            one
            for name, one in self.objects.items()
            if name.startswith(f"{path}/") or (path == f"{EXTERNAL_SECRETS}/externalsecrets" and name == ES)
        ]
        return httpx2.Response(200, json={"items": copy.deepcopy(found)})

    def _patch(self, path: str, patch: Mapping[str, Any]) -> None:
        if path == ES:
            assert "force-sync" in patch["metadata"]["annotations"]
            if self.operator:
                self.sync()
            return
        self.restart(patch["spec"]["template"]["metadata"]["annotations"])

    def restart(self, annotations: Mapping[str, str]) -> None:
        template = self.objects[DEPLOYMENT]["spec"]["template"]["metadata"]
        if template.get("annotations") != annotations:
            template["annotations"] = annotations
            self.objects[DEPLOYMENT]["metadata"]["generation"] += 1
            self.restarts += 1
        if self.rolls:
            self.roll()


def variable() -> dict[str, Any]:
    return {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "database", "key": "password"}}}


class FakeView(EnvironmentView):
    """An environment that is seen through a FakeCluster; a rotation asks for nothing of its manager."""

    @cached_property
    def kubernetes(self) -> httpx2.Client:  # type: ignore[override]
        cluster: FakeCluster = self.references["cluster"]
        return httpx2.Client(base_url="https://cluster", transport=httpx2.MockTransport(cluster.answer))


FakeView.__abstractmethods__ = frozenset()


@dataclass
class World:
    """Two environments and a run over both."""

    file: Path
    containers: list[FakeContainer] = field(default_factory=lambda: [FakeContainer(), FakeContainer()])
    settings: Settings = field(default_factory=lambda: Settings(timeout=0.3))
    names: Sequence[str] = ("nonprod", "prod")
    told: list[str] = field(default_factory=list[str])
    asked: list[list[str]] = field(default_factory=list[list[str]])

    def __post_init__(self) -> None:
        self.clusters = [FakeCluster(container) for container in self.containers]
        self.run = RunRecord("database", self.settings, [StageRecord(name) for name in self.names], self.file)

    def rotation(self) -> Rotation:
        """As a new process has it: what is known comes from the file."""
        if self.file.exists():
            found = RunRecord.load(self.file.parent.parent, "database")
            assert found is not None
            self.run = found
        views = [
            FakeView(
                name=name,
                references={"storeName": "prod", "cluster": cluster},
                raw_etcd_value=lambda _namespace, _name: b"",
                operator_environments=list,
                issuer_key=Path(),
            )
            for name, cluster in zip(self.names, self.clusters, strict=True)
        ]
        return Rotation(
            run=self.run,
            views=views,
            containers=self.containers,
            tell=lambda record, text: self.told.append(f"{record.environment}: {text}"),
        )

    def values(self, environments: Sequence[str]) -> dict[str, str]:
        self.asked.append(list(environments))
        return {name: f"new value of {name}" for name in environments}

    def steps(self) -> list[str]:
        return [str(stage.step) for stage in self.run.stages]

    def passwords(self) -> list[str]:
        return [cluster.password() for cluster in self.clusters]
