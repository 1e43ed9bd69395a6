"""A pod's volumes as folders of this machine, and its service-account tokens, renewed before they expire."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bootstrap.localcloud.kubernetes.layout import Layout
from bootstrap.localcloud.kubernetes.node.api import Pod
from bootstrap.paths import private_dir, write_private

API_TOKEN_FOLDER = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_DEFAULT_TOKEN_SECONDS = 3600
_RENEW_AT = 0.8  # of a token's life, as kubelet does
_RENEW_AFTER = datetime.timedelta(hours=24)


class VolumeError(Exception):
    """A volume that cannot be had here; the text goes into the pod's status."""


class TokenSource(Protocol):
    """What volumes are filled from."""

    def config_map(self, namespace: str, name: str) -> dict[str, str]: ...
    def request_token(self, pod: Pod, audience: str | None, seconds: int) -> tuple[str, datetime.datetime]: ...


@dataclass
class TokenFile:
    """One projected service-account token."""

    path: Path
    audience: str | None
    seconds: int
    renew_at: datetime.datetime = field(default=datetime.datetime.min.replace(tzinfo=datetime.UTC))

    def renew(self, source: TokenSource, pod: Pod, now: datetime.datetime) -> bool:
        """Write a new token if the old one has used up most of its life. Returns whether it did."""
        if now < self.renew_at:
            return False
        token, expires = source.request_token(pod, self.audience, self.seconds)
        write_private(self.path, token)
        self.renew_at = now + min((expires - now) * _RENEW_AT, _RENEW_AFTER)
        return True


class Volumes:
    """The volumes of one pod below `directory`."""

    def __init__(self, pod: Pod, directory: Path, layout: Layout) -> None:
        self._pod, self._directory, self._layout = pod, directory, layout
        self.tokens: list[TokenFile] = []

    def fill(self, source: TokenSource | None) -> None:
        """Make every volume. Static pods have no `source`: like on every node, they get nothing from the API."""
        self.tokens = []
        for volume in self._pod["spec"].get("volumes", []):
            folder = self._folder(volume)
            private_dir(folder)
            if "projected" in volume:
                if source is None:
                    raise VolumeError(f"volume {volume['name']}: a static pod cannot have a projected volume")
                for part in volume["projected"]["sources"]:
                    self._project(part, folder, source)

    def renew_tokens(self, source: TokenSource, now: datetime.datetime) -> None:
        for token in self.tokens:
            token.renew(source, self._pod, now)

    def _folder(self, volume: Mapping[str, Any]) -> Path:
        if "hostPath" in volume:
            return self._layout.host_path(volume["hostPath"]["path"])
        if "projected" in volume or "emptyDir" in volume:
            return self._directory / "volumes" / volume["name"]
        kind = next((key for key in volume if key != "name"), "none")
        raise VolumeError(f"volume {volume['name']}: nodes of the local cloud have no volumes of kind {kind}")

    def _project(self, part: Mapping[str, Any], folder: Path, source: TokenSource) -> None:
        namespace = self._pod["metadata"]["namespace"]
        if "serviceAccountToken" in part:
            wanted = part["serviceAccountToken"]
            seconds = wanted.get("expirationSeconds", _DEFAULT_TOKEN_SECONDS)
            token = TokenFile(folder / wanted["path"], wanted.get("audience"), seconds)
            token.renew(source, self._pod, datetime.datetime.now(datetime.UTC))
            self.tokens.append(token)
        elif "configMap" in part:
            data = source.config_map(namespace, part["configMap"]["name"])
            for item in part["configMap"].get("items", [{"key": key, "path": key} for key in data]):
                write_private(folder / item["path"], data[item["key"]])
        elif "downwardAPI" in part:
            for item in part["downwardAPI"]["items"]:
                write_private(folder / item["path"], pod_field(self._pod, item["fieldRef"]["fieldPath"]))
        else:
            raise VolumeError(f"projected volume: source {', '.join(part)} is not known here")

    def mounts(self, container: Mapping[str, Any]) -> dict[str, Path]:
        """Where each mount path of a container really is."""
        folders = {volume["name"]: self._folder(volume) for volume in self._pod["spec"].get("volumes", [])}
        return {mount["mountPath"]: folders[mount["name"]] for mount in container.get("volumeMounts", [])}

    def api_token(self, container: Mapping[str, Any]) -> Path | None:
        """The folder of the container's own API token, if it has one."""
        return self.mounts(container).get(str(API_TOKEN_FOLDER))


def move_paths(text: str, mounts: Mapping[str, Path]) -> str:
    """Replace mount paths inside an argument or a variable by where the files really are."""
    for mount in sorted(mounts, key=len, reverse=True):
        pattern = rf"(?:(?<=unix://)|(?<![\w./-])){re.escape(mount.rstrip('/'))}(?![\w.-])"
        text = re.sub(pattern, lambda _match, mount=mount: str(mounts[mount]), text)
    return text


def pod_field(pod: Pod, path: str) -> str:
    """A field of the downward API."""
    metadata, spec = pod["metadata"], pod["spec"]
    known = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", "default"),
        "status.podIP": "127.0.0.1",
        "status.hostIP": "127.0.0.1",
    }
    if path not in known:
        raise VolumeError(f"field {path} is not known here")
    return known[path]
