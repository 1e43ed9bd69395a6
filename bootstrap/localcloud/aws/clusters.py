"""The clusters on this machine, as the local AWS knows them: issuer, region, node role. Kept on disk."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bootstrap.localcloud.aws.answers import AwsError
from bootstrap.localcloud.aws.issuers import Anchor
from bootstrap.localcloud.aws.wire import ACCOUNT
from bootstrap.paths import write_private


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One registered cluster. `ca_pem`: the certificate that its issuer's server is verified against."""

    name: str
    region: str
    issuer_url: str
    ca_pem: str
    node_role_arn: str | None

    @property
    def arn(self) -> str:
        return f"arn:aws:eks:{self.region}:{ACCOUNT}:cluster/{self.name}"

    @property
    def anchor(self) -> Anchor:
        return Anchor(ca_pem=self.ca_pem)


class Clusters:
    """The register. Whoever changes it holds the cloud's lock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        known: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
        self._clusters = {one["name"]: Cluster(**one) for one in known}

    def put(self, cluster: Cluster) -> None:
        """Register a cluster, or change what is known of it."""
        self._clusters[cluster.name] = cluster
        self._save()

    def remove(self, name: str) -> None:
        """Forget a cluster; one that is not known is forgotten already."""
        self._clusters.pop(name, None)
        self._save()

    def get(self, name: str) -> Cluster:
        """The cluster, or AWS's refusal."""
        cluster = self._clusters.get(name)
        if cluster is None:
            raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
        return cluster

    def in_region(self, name: str, region: str) -> Cluster:
        """The cluster of a regional call."""
        cluster = self.get(name)
        if cluster.region != region:
            raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
        return cluster

    def _save(self) -> None:
        write_private(self._file, json.dumps([asdict(one) for one in self._clusters.values()]))
