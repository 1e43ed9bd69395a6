"""What a control plane was asked to be, on disk. Owns `cluster.json` and the files derived from it for its programs."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from bootstrap.localcloud.kubernetes.layout import Layout
from bootstrap.paths import broken_record, write_private

_UNIX = "unix://"


@dataclass(frozen=True, kw_only=True)
class ClusterRecord:
    """The arguments of `ControlPlane.create`. `cloud` is the kind of the stack's cloud, `cloud_port` its port."""

    name: str
    region: str | None
    port_base: int
    tools: str
    cloud: str
    cloud_port: int
    node_role_arn: str | None
    encryption_configuration: str | None
    kms_plugin: str | None

    @classmethod
    def load(cls, directory: Path) -> "ClusterRecord":
        file = directory / "cluster.json"
        try:
            return cls(**json.loads(file.read_text()))
        except (ValueError, TypeError):
            raise broken_record(file) from None

    def layout(self, directory: Path) -> Layout:
        return Layout(self.name, directory, self.port_base)

    def save(self, directory: Path) -> None:
        """Write the record last: when it is there, the files that follow from it are there too."""
        layout = self.layout(directory)
        _write_or_remove(layout.static_pods, self.kms_plugin)
        _write_or_remove(layout.encryption_configuration, self._placed_encryption_configuration(layout))
        write_private(layout.record, json.dumps(asdict(self), indent=1))

    def _placed_encryption_configuration(self, layout: Layout) -> str | None:
        """The EncryptionConfiguration with its sockets where this machine's stand-in for the host path is."""
        if self.encryption_configuration is None:
            return None
        document: dict[str, Any] = yaml.safe_load(self.encryption_configuration)
        for resource in document.get("resources", []):
            for provider in resource.get("providers", []):
                endpoint = str(provider.get("kms", {}).get("endpoint", ""))
                if endpoint.startswith(_UNIX):
                    socket = Path(endpoint.removeprefix(_UNIX))
                    placed = layout.host_path(str(socket.parent)) / socket.name
                    provider["kms"]["endpoint"] = f"{_UNIX}{placed}"
        return yaml.safe_dump(document, sort_keys=False)


def _write_or_remove(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
    else:
        write_private(path, text)
