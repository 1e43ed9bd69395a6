"""The node agent: which pods should run here, and one worker for each. Owns the set of workers."""

import hashlib
import json
import logging
import threading
import time
from typing import Any

import httpx2
import yaml

from bootstrap.localcloud.kubernetes.node.api import Pod, PodWatch, SchedulerApi
from bootstrap.localcloud.kubernetes.node.pod import NodeContext, PodWorker
from bootstrap.localcloud.kubernetes.node.records import end_processes

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 0.2


class Agent:
    """Static pods run at once; the API's pods follow when there is an API."""

    def __init__(self, context: NodeContext, scheduler: SchedulerApi) -> None:
        self._context, self._scheduler = context, scheduler
        self._workers: dict[str, PodWorker] = {}
        self._lock = threading.RLock()
        self._static_text: str | None = None
        self._listed = threading.Event()

    def follow_api(self) -> None:
        """Register the node, then follow its pods and those that have no node yet. Returns when it is set up."""
        api = self._context.api
        while True:
            try:
                api.register()
                break
            except httpx2.HTTPError:
                time.sleep(_RETRY_SECONDS)
        own = f"spec.nodeName={api.node_name}"
        PodWatch(api.http, own, on_list=self._on_list, on_event=self._on_event).start()
        PodWatch(self._scheduler.http, "spec.nodeName=", on_list=self._bind_all, on_event=self._bind).start()

    def leave(self) -> None:
        """End all processes. The pods stay what they are: the next agent starts them again."""
        with self._lock:
            workers = list(self._workers.values())
        for worker in workers:
            worker.leave()
        for worker in workers:
            worker.join(timeout=6)

    def sync_static_pods(self) -> None:
        """Run what the manifest says; on a change, the old pod ends before the new one gets its socket."""
        path = self._context.layout.static_pods
        text = path.read_text() if path.exists() else ""
        if text == self._static_text:
            return
        wanted = {pod["metadata"]["uid"]: pod for pod in static_pods(text)}
        with self._lock:
            gone = [worker for uid, worker in self._workers.items() if worker.static and uid not in wanted]
        for worker in gone:
            worker.remove()
            worker.join()
        with self._lock:
            for worker in gone:
                del self._workers[worker.uid]
            for uid, pod in wanted.items():
                if uid not in self._workers:
                    self._start(pod, static=True)
        self._static_text = text

    def static_pods(self) -> list[dict[str, Any]]:
        """Each static pod of the manifest as it is on disk now, and whether it is well: its liveness probe is asked."""
        path = self._context.layout.static_pods
        wanted = static_pods(path.read_text() if path.exists() else "")
        with self._lock:
            workers = [self._workers.get(pod["metadata"]["uid"]) for pod in wanted]
        return [_health(pod, worker) for pod, worker in zip(wanted, workers, strict=True)]

    @property
    def settled(self) -> bool:
        """Whether the API's pods are known and each was started, or cannot be."""
        with self._lock:
            return self._listed.is_set() and all(worker.settled for worker in self._workers.values())

    def _on_list(self, pods: list[Pod]) -> None:
        listed = {pod["metadata"]["uid"] for pod in pods}
        for pod in pods:
            self._on_event("MODIFIED", pod)
        with self._lock:
            gone = [worker for uid, worker in self._workers.items() if not worker.static and uid not in listed]
            running = set(self._workers)
            for worker in gone:
                del self._workers[worker.uid]
        for worker in gone:
            worker.remove()
        for key, record in self._context.records.all().items():
            if record.uid not in running:
                end_processes(record)
                self._context.records.remove(key, record.uid)
        self._listed.set()

    def _on_event(self, kind: str, pod: Pod) -> None:
        uid = pod["metadata"]["uid"]
        with self._lock:
            worker = self._workers.get(uid)
            if kind == "DELETED":
                if worker is not None:
                    worker.remove()
                    del self._workers[uid]
            elif worker is not None:
                worker.update(pod)
            elif pod.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
                self._start(pod, static=False).update(pod)

    def _start(self, pod: Pod, *, static: bool) -> PodWorker:
        uid = pod["metadata"]["uid"]
        worker = PodWorker(pod, self._context, static=static)
        record = self._context.records.get(worker.key)
        if record is not None and record.uid == uid:
            self._context.ports.adopt(uid, record.ports)
        elif record is not None:
            end_processes(record)
        self._workers[uid] = worker
        worker.start()
        return worker

    def _bind_all(self, pods: list[Pod]) -> None:
        for pod in pods:
            self._bind("ADDED", pod)

    def _bind(self, kind: str, pod: Pod) -> None:
        """There is one node: every pod without one belongs here."""
        if kind == "ADDED" and not pod["metadata"].get("deletionTimestamp"):
            self._scheduler.bind(pod, self._context.api.node_name)


def static_pods(text: str) -> list[Pod]:
    """The pods of a manifest. Like kubelet, the uid is a digest: another text is another pod."""
    pods: list[Pod] = [document for document in yaml.safe_load_all(text) if document]
    for pod in pods:
        digest = hashlib.sha256(json.dumps(pod, sort_keys=True).encode()).hexdigest()
        pod["metadata"] = {"namespace": "default", **pod["metadata"], "uid": digest[:32]}
    return pods


def _health(pod: Pod, worker: PodWorker | None) -> dict[str, Any]:
    name = pod["metadata"]["name"]
    if worker is None or worker.problem is not None:
        message = "it is being prepared" if worker is None or worker.problem is None else ": ".join(worker.problem)
        return {"name": name, "healthy": False, "message": message, "log": ""}
    for container in worker.containers:
        question = container.questions.get("liveness")
        if not container.running or (question is not None and not question()):
            message = container.message or "it does not answer its liveness probe"
            return {"name": name, "healthy": False, "message": message, "log": str(container.log)}
    return {"name": name, "healthy": True, "message": "", "log": ""}
