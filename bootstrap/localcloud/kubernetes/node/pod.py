"""One pod from its first sight to its end. Owns the order: volumes, processes, status, removal."""

import datetime
import logging
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bootstrap.localcloud.kubernetes.layout import Layout
from bootstrap.localcloud.kubernetes.node.api import NodeApi, Pod, timestamp
from bootstrap.localcloud.kubernetes.node.container import Container
from bootstrap.localcloud.kubernetes.node.environment import command_of
from bootstrap.localcloud.kubernetes.node.images import ImageError, resolve
from bootstrap.localcloud.kubernetes.node.ports import PodPorts, PortsExhaustedError
from bootstrap.localcloud.kubernetes.node.probes import ProbeError
from bootstrap.localcloud.kubernetes.node.records import PodRecord, PodRecords
from bootstrap.localcloud.kubernetes.node.volumes import VolumeError, Volumes
from bootstrap.paths import private_dir

_log = logging.getLogger(__name__)
_STEP_SECONDS = 0.1
_RETRY_SECONDS = 1.0
_DEFAULT_GRACE_SECONDS = 30
CREATING = "ContainerCreating"


@dataclass(frozen=True, kw_only=True)
class NodeContext:
    """What all pods of the node share."""

    layout: Layout
    tools: Path
    ports: PodPorts
    records: PodRecords
    api: NodeApi
    host_network: dict[str, str]


class PodWorker(threading.Thread):
    """Runs one pod. `static`: the pod is a file on this node and the API server knows nothing of it."""

    def __init__(self, pod: Pod, context: NodeContext, *, static: bool) -> None:
        metadata = pod["metadata"]
        self.key = f"{metadata['namespace']}/{metadata['name']}"
        self.uid: str = metadata["uid"]
        super().__init__(name=f"pod {self.key}", daemon=True)
        self.static = static
        self.containers: list[Container] = []
        self.problem: tuple[str, str] | None = (CREATING, "")
        self._pod, self._context = pod, context
        self._folder = context.layout.pods / f"{metadata['namespace']}_{metadata['name']}_{self.uid[:8]}"
        self._volumes = Volumes(pod, self._folder, context.layout)
        self._started_at: str = pod.get("status", {}).get("startTime") or timestamp()
        self._reported: dict[str, Any] | None = None
        self._deleted = self._leaving = False
        self._wake = threading.Event()

    @property
    def settled(self) -> bool:
        """Whether its processes were started, or cannot be."""
        return self.problem[0] != CREATING if self.problem is not None else all(one.begun for one in self.containers)

    def update(self, pod: Pod) -> None:
        """News from the API server. Of a running pod only its deletion matters."""
        self._pod = pod
        if pod["metadata"].get("deletionTimestamp"):
            self.remove()

    def remove(self) -> None:
        """The pod is gone from where it was declared, or is to go."""
        self._deleted = True
        self._wake.set()

    def leave(self) -> None:
        """The node agent ends: end the processes, but the pod stays what it is."""
        self._leaving = True
        self._wake.set()

    def run(self) -> None:
        while not self._deleted and not self._leaving:
            pause = _STEP_SECONDS
            try:
                if self.problem is not None:
                    self._prepare()
                self._step()
            except httpx2.HTTPError as error:
                _log.warning("pod %s: the API server did not answer as hoped: %s", self.key, error)
                pause = _RETRY_SECONDS if self.containers else _STEP_SECONDS
            except Exception:
                _log.exception("pod %s", self.key)
                pause = _RETRY_SECONDS
            self._wake.wait(pause)
        self._end()

    def _prepare(self) -> None:
        """Make volumes and commands. What this node cannot do is the pod's status, and is tried again."""
        spec, context = self._pod["spec"], self._context
        try:
            for container in [*spec.get("initContainers", []), *spec["containers"]]:
                resolve(container["image"], context.tools)
            if spec.get("initContainers"):
                raise VolumeError("initContainers are not known on nodes of the local cloud")
            private_dir(self._folder)
            self._volumes.fill(None if self.static else context.api)
            self.containers = [self._container(container) for container in spec["containers"]]
        except ImageError as error:
            self.problem = ("ErrImagePull", str(error))
        except (VolumeError, ProbeError, PortsExhaustedError) as error:
            self.problem = ("CreateContainerConfigError", str(error))
        else:
            record = context.records.get(self.key)
            if record is not None and record.uid == self.uid:
                for container in self.containers:
                    container.adopt(record.restarts.get(container.name, 0))
            self.problem = None

    def _container(self, spec: dict[str, Any]) -> Container:
        def local_port(port: int) -> int:
            return self._context.ports.local(self.uid, port)

        command = command_of(
            self._pod,
            spec,
            folder=self._folder,
            layout=self._context.layout,
            tools=self._context.tools,
            volumes=self._volumes,
            local_port=local_port,
            host_network=self._context.host_network,
            secret_value=None if self.static else self._context.api.secret_value,
        )
        return Container(spec, self._folder, command, local_port, self._pod["spec"].get("restartPolicy", "Always"))

    def _step(self) -> None:
        now = time.monotonic()
        for container in self.containers:
            container.step(now)
        self._keep_record()
        if not self.static:
            self._report()
            self._volumes.renew_tokens(self._context.api, datetime.datetime.now(datetime.UTC))

    def _keep_record(self) -> None:
        self._context.records.put(
            self.key,
            PodRecord(
                uid=self.uid,
                pid=next((one.process.pid for one in self.containers if one.process is not None), None),
                restarts={container.name: container.restarts for container in self.containers},
                ports=self._context.ports.of(self.uid),
                folder=str(self._folder),
            ),
        )

    def _report(self) -> None:
        status = self.status()
        if status == self._reported:
            return
        if self._context.api.patch_status(self._pod, status):
            self._reported = status
        else:
            self.remove()

    def status(self) -> dict[str, Any]:
        """The pod's status as the API has it."""
        ended = [container.ended_for_good for container in self.containers]
        over = bool(ended) and all(code is not None for code in ended)
        ready = bool(self.containers) and all(container.ready for container in self.containers)
        prepared = self.problem is None
        phase = ("Succeeded" if not any(ended) else "Failed") if over else ("Running" if prepared else "Pending")
        conditions = {"PodScheduled": True, "Initialized": True, "ContainersReady": ready, "Ready": ready}
        status: dict[str, Any] = {
            "phase": phase,
            "startTime": self._started_at,
            "hostIP": "127.0.0.1",
            "conditions": [self._condition(kind, holds=holds) for kind, holds in conditions.items()],
            "containerStatuses": self._container_statuses(),
        }
        if prepared:
            status |= {"podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}]}
        return status

    def _condition(self, kind: str, *, holds: bool) -> dict[str, Any]:
        value = "True" if holds else "False"
        known = self._reported or self._pod.get("status", {})
        before = next((one for one in known.get("conditions", []) if one["type"] == kind), None)
        since = before["lastTransitionTime"] if before is not None and before["status"] == value else timestamp()
        return {"type": kind, "status": value, "lastTransitionTime": since}

    def _container_statuses(self) -> list[dict[str, Any]]:
        if self.problem is None:
            return [container.status() for container in self.containers]
        reason, message = self.problem
        return [
            {
                "name": spec["name"],
                "image": spec["image"],
                "imageID": "",
                "ready": False,
                "started": False,
                "restartCount": 0,
                "state": {"waiting": {"reason": reason, **({"message": message} if message else {})}},
            }
            for spec in self._pod["spec"]["containers"]
        ]

    def _end(self) -> None:
        grace = 4.0  # a node that is told to end has less time than its pods may ask for
        if not self._leaving:
            grace = float(self._pod["metadata"].get("deletionGracePeriodSeconds", _DEFAULT_GRACE_SECONDS))
        for container in self.containers:
            container.stop(grace)
            container.forget()
        if self._leaving:
            return
        self._context.records.remove(self.key, self.uid)
        self._context.ports.release(self.uid)
        shutil.rmtree(self._folder, ignore_errors=True)
        while not self.static and not self._leaving:
            try:
                self._context.api.delete(self._pod)
                return
            except httpx2.HTTPError as error:
                _log.warning("pod %s: could not be reported as gone: %s", self.key, error)
                time.sleep(_RETRY_SECONDS)
