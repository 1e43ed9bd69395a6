"""The Kubernetes API as a node uses it. Owns the requests; what to do about pods is decided elsewhere."""

import base64
import datetime
import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import httpx2

Pod = dict[str, Any]
_log = logging.getLogger(__name__)
_RETRY_SECONDS = 0.2
_WATCH_SECONDS = 300
_MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


class NodeApi:
    """Calls with the node's own certificate: the API server's Node authorizer limits them to this node's pods."""

    def __init__(self, http: httpx2.Client, node_name: str) -> None:
        self.http, self.node_name = http, node_name

    def register(self) -> None:
        """Make the Node object, as kubelet does."""
        now = timestamp()
        condition = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "runs local processes"}
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.node_name, "labels": {"kubernetes.io/hostname": self.node_name}},
            "status": {
                "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
                "capacity": {"pods": "10"},
                "conditions": [{**condition, "lastHeartbeatTime": now, "lastTransitionTime": now}],
            },
        }
        answer = self.http.post("/api/v1/nodes", json=node)
        if answer.status_code != httpx2.codes.CONFLICT:
            answer.raise_for_status()

    def patch_status(self, pod: Pod, status: dict[str, Any]) -> bool:
        """Report a pod's status. False if the pod is gone."""
        body = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": status}
        answer = self.http.patch(f"{pod_path(pod)}/status", json=body, headers=_MERGE_PATCH)
        if answer.status_code in (httpx2.codes.NOT_FOUND, httpx2.codes.CONFLICT):
            return False
        answer.raise_for_status()
        return True

    def delete(self, pod: Pod) -> None:
        """Say that nothing of the pod runs any more: the API server then forgets it."""
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": pod["metadata"]["uid"]}}
        answer = self.http.request("DELETE", pod_path(pod), json=body)
        if answer.status_code not in (httpx2.codes.NOT_FOUND, httpx2.codes.CONFLICT):
            answer.raise_for_status()

    def config_map(self, namespace: str, name: str) -> dict[str, str]:
        answer = self.http.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}").raise_for_status()
        return answer.json().get("data") or {}

    def secret_value(self, namespace: str, name: str, key: str) -> str:
        """Only of Secrets that a pod of this node names: the Node authorizer asks."""
        answer = self.http.get(f"/api/v1/namespaces/{namespace}/secrets/{name}").raise_for_status()
        return base64.b64decode(answer.json()["data"][key]).decode()

    def request_token(self, pod: Pod, audience: str | None, seconds: int) -> tuple[str, datetime.datetime]:
        """A token of the pod's service account, bound to the pod, and when it expires."""
        metadata, account = pod["metadata"], pod["spec"].get("serviceAccountName", "default")
        bound = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
        spec: dict[str, Any] = {"expirationSeconds": seconds, "boundObjectRef": bound}
        if audience:
            spec["audiences"] = [audience]
        path = f"/api/v1/namespaces/{metadata['namespace']}/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        status = self.http.post(path, json=body).raise_for_status().json()["status"]
        return status["token"], datetime.datetime.fromisoformat(status["expirationTimestamp"])


class SchedulerApi:
    """Calls with the scheduler's certificate: a node may not bind pods to itself."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def bind(self, pod: Pod, node_name: str) -> None:
        target = {"apiVersion": "v1", "kind": "Node", "name": node_name}
        body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod["metadata"]["name"]}, "target": target}
        answer = self.http.post(f"{pod_path(pod)}/binding", json=body)
        if answer.status_code not in (httpx2.codes.NOT_FOUND, httpx2.codes.CONFLICT):
            answer.raise_for_status()


class PodWatch(threading.Thread):
    """Follows the pods that a field selector names, for ever: lists, watches, and lists again when the watch breaks."""

    def __init__(
        self,
        http: httpx2.Client,
        field_selector: str,
        *,
        on_list: Callable[[list[Pod]], None],
        on_event: Callable[[str, Pod], None],
    ) -> None:
        super().__init__(name=f"watch {field_selector}", daemon=True)
        self._http, self._selector = http, field_selector
        self._on_list, self._on_event = on_list, on_event
        self._stop = threading.Event()

    def run(self) -> None:
        while True:
            try:
                self._watch_from(self._list())
            except (httpx2.HTTPError, json.JSONDecodeError) as error:
                _log.debug("%s: %s", self.name, error)
            self._stop.wait(_RETRY_SECONDS)

    def _list(self) -> str:
        answer = self._http.get("/api/v1/pods", params={"fieldSelector": self._selector}).raise_for_status().json()
        self._on_list(answer["items"])
        return answer["metadata"]["resourceVersion"]

    def _watch_from(self, version: str) -> None:
        params = {
            "watch": "true",
            "fieldSelector": self._selector,
            "resourceVersion": version,
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        timeout = httpx2.Timeout(5, read=_WATCH_SECONDS + 10)
        with self._http.stream("GET", "/api/v1/pods", params=params, timeout=timeout) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                event = json.loads(line)
                if event["type"] == "ERROR":  # the version is too old: list again
                    return
                self._on_event(event["type"], event["object"])


def pod_path(pod: Pod) -> str:
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


def timestamp(moment: float | None = None) -> str:
    """Now, or a moment of `time.time`, as the API writes it."""
    at = (
        datetime.datetime.now(datetime.UTC) if moment is None else datetime.datetime.fromtimestamp(moment, datetime.UTC)
    )
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
