"""A kubelet as far as a pod's CSI volume goes: what it calls the driver with, and when (Kubernetes, `pkg/volume/csi`).

Pods are real objects of the API server that no node runs. Their tokens are real: minted by the API server, bound to
the pod, for the audiences that the CSIDriver asks for.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc

from bootstrap.verification.environment import EnvironmentView
from tests.cluster.csi.driver import NODE, Driver
from tests.cluster.csi.protocols import protocol
from tests.cluster.csi.vault_provider import TOKENS
from tests.output import follow

_VOLUME = "secrets"
_SECONDS = 60


class RefusedError(Exception):
    """The driver did not publish the volume: its words."""


@dataclass(frozen=True)
class Pod:
    """A pod as the API server has it."""

    spec: Mapping[str, Any]
    metadata: Mapping[str, Any]

    @property
    def path(self) -> str:
        return f"/api/v1/namespaces/{self.metadata['namespace']}/pods/{self.metadata['name']}"

    @property
    def volume(self) -> Mapping[str, Any]:
        return next(one["csi"] for one in self.spec["volumes"] if one["name"] == _VOLUME)


@dataclass(frozen=True)
class Kubelet:
    """Of the node on which the driver is.

    volume: what stands under `csi`, by the name of a class. minted: the tokens that it got for pods.
    """

    view: EnvironmentView
    driver: Driver
    volume: Callable[[str], Mapping[str, Any]]
    minted: list[str] = field(default_factory=list[str])

    def outcome(self, namespace: str, class_name: str = "app", account: str = "app") -> str:
        """What comes of starting a pod: the file's content, or what the driver said; then there is no file."""
        with self.pod(namespace, class_name, account) as pod:
            try:
                self.publish(pod)
            except RefusedError as error:
                assert self.files(pod) == {}
                assert self.driver.mounts(self.target(pod)) == []
                return f"refused: {error}"
            content = self.files(pod)["value"].decode()
            self.unpublish(pod)
            return content

    @contextmanager
    def pod(self, namespace: str, class_name: str = "app", account: str = "app") -> Iterator[Pod]:
        """A pod that is on the node, and is deleted with the block."""
        volume = {"name": _VOLUME, "csi": dict(self.volume(class_name))}
        body = {
            "metadata": {"name": f"app-{uuid4().hex[:8]}"},
            "spec": {
                "nodeName": NODE,
                "serviceAccountName": account,
                "containers": [{"name": "app", "image": "localhost/app:v0"}],
                "volumes": [volume],
            },
        }
        path = f"/api/v1/namespaces/{namespace}/pods"
        made = self.view.kubernetes.post(path, json=body).raise_for_status().json()
        pod = Pod(made["spec"], made["metadata"])
        yield pod
        self.view.kubernetes.delete(pod.path, params={"gracePeriodSeconds": "0"}).raise_for_status()

    def target(self, pod: Pod) -> Path:
        """Where the volume's files are on the node."""
        return self.driver.pods / pod.metadata["uid"] / "volumes" / "kubernetes.io~csi" / _VOLUME / "mount"

    def files(self, pod: Pod) -> Mapping[str, bytes]:
        return self.driver.files(self.target(pod))

    def publish(self, pod: Pod) -> None:
        """Mount the volume; once it is mounted, look again. Raises RefusedError."""
        messages, _ = protocol("csi.proto")
        target = self.target(pod)
        target.parent.mkdir(parents=True, exist_ok=True)
        capability = messages.VolumeCapability(
            mount=messages.VolumeCapability.MountVolume(),
            access_mode=messages.VolumeCapability.AccessMode(mode="SINGLE_NODE_WRITER"),
        )
        request = messages.NodePublishVolumeRequest(
            volume_id=_volume_id(pod),
            target_path=str(target),
            volume_capability=capability,
            readonly=pod.volume["readOnly"],
            volume_context={**pod.volume["volumeAttributes"], **_about(pod), TOKENS: json.dumps(self._tokens(pod))},
        )
        try:
            self._call(self._node.NodePublishVolume, request)
        except RefusedError:
            target.rmdir()  # else the driver takes its own folder for a volume that was just looked at
            raise

    def unpublish(self, pod: Pod) -> None:
        """Take the volume away, as after the pod's end."""
        messages, _ = protocol("csi.proto")
        request = messages.NodeUnpublishVolumeRequest(volume_id=_volume_id(pod), target_path=str(self.target(pod)))
        self._call(self._node.NodeUnpublishVolume, request)

    @cached_property
    def _node(self) -> Any:
        _, services = protocol("csi.proto")
        return services.NodeStub(grpc.insecure_channel(f"unix://{self.driver.socket}"))

    def _call(self, method: Callable[..., Any], request: Any) -> None:
        try:
            method(request, timeout=_SECONDS)
        except grpc.RpcError as error:
            raise RefusedError(error.details()) from None  # pyright: ignore[reportAttributeAccessIssue]

    def _tokens(self, pod: Pod) -> Mapping[str, Mapping[str, str]]:
        """By audience."""
        asked = self.view.get(f"/apis/storage.k8s.io/v1/csidrivers/{pod.volume['driver']}")["spec"]["tokenRequests"]
        return {one["audience"]: self._token(pod, one["audience"]) for one in asked}

    def _token(self, pod: Pod, audience: str) -> Mapping[str, str]:
        bound = {"kind": "Pod", "apiVersion": "v1", "name": pod.metadata["name"], "uid": pod.metadata["uid"]}
        spec = {"audiences": [audience], "expirationSeconds": 3600, "boundObjectRef": bound}
        account = f"serviceaccounts/{pod.spec['serviceAccountName']}/token"
        path = f"/api/v1/namespaces/{pod.metadata['namespace']}/{account}"
        given = self.view.kubernetes.post(path, json={"spec": spec}).raise_for_status().json()["status"]
        self.minted.append(follow(f"token of {pod.path}", given["token"]))
        return {"token": given["token"], "expirationTimestamp": given["expirationTimestamp"]}


def _volume_id(pod: Pod) -> str:
    return f"csi-{pod.metadata['uid']}"


def _about(pod: Pod) -> Mapping[str, str]:
    """What a kubelet adds for a driver whose `podInfoOnMount` is set."""
    told = {
        "pod.name": pod.metadata["name"],
        "pod.namespace": pod.metadata["namespace"],
        "pod.uid": pod.metadata["uid"],
        "serviceAccount.name": pod.spec["serviceAccountName"],
        "ephemeral": "true",
    }
    return {f"csi.storage.k8s.io/{name}": value for name, value in told.items()}
