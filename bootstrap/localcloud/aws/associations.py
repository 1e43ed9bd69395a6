"""EKS Pod Identity associations, kept on disk: which role a service account of a cluster is given."""

import json
import secrets
import string
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bootstrap.localcloud.aws.answers import AwsError
from bootstrap.localcloud.aws.clusters import Cluster
from bootstrap.localcloud.aws.wire import ACCOUNT
from bootstrap.paths import write_private


@dataclass(frozen=True, kw_only=True)
class Association:
    """One association, with the fields of the EKS API."""

    cluster: str
    region: str
    namespace: str
    service_account: str
    role_arn: str
    id: str
    created: float
    modified: float
    disable_session_tags: bool = False
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:eks:{self.region}:{ACCOUNT}:podidentityassociation/{self.cluster}/{self.id}"

    def summary(self) -> dict[str, Any]:
        """As `ListPodIdentityAssociations` shows it."""
        return {
            "clusterName": self.cluster,
            "namespace": self.namespace,
            "serviceAccount": self.service_account,
            "associationArn": self.arn,
            "associationId": self.id,
        }

    def full(self) -> dict[str, Any]:
        """As every other call shows it."""
        return {
            **self.summary(),
            "roleArn": self.role_arn,
            "tags": self.tags,
            "createdAt": self.created,
            "modifiedAt": self.modified,
            "disableSessionTags": self.disable_session_tags,
        }


class Associations:
    """All associations. Whoever changes them holds the cloud's lock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        known: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
        self._all = {one["id"]: Association(**one) for one in known}

    def of_cluster(self, cluster: str) -> Iterator[Association]:
        return (one for one in self._all.values() if one.cluster == cluster)

    def find(self, cluster: str, namespace: str, service_account: str) -> Association | None:
        """The association of a service account: there is one at most."""
        wanted = (namespace, service_account)
        return next((one for one in self.of_cluster(cluster) if (one.namespace, one.service_account) == wanted), None)

    def get(self, cluster: str, identifier: str) -> Association:
        """An association of the cluster, or AWS's refusal."""
        found = self._all.get(identifier)
        if found is None or found.cluster != cluster:
            raise AwsError("ResourceNotFoundException", f"No association found for id: {identifier}.", 404)
        return found

    def by_arn(self, arn: str) -> Association:
        found = next((one for one in self._all.values() if one.arn == arn), None)
        if found is None:
            raise AwsError("NotFoundException", f"No resource found for ARN: {arn}.", 404)
        return found

    def create(self, cluster: Cluster, namespace: str, service_account: str, role_arn: str, **more: Any) -> Association:
        """A new association; a service account that has one is refused."""
        if self.find(cluster.name, namespace, service_account) is not None:
            raise AwsError("ResourceInUseException", "Association already exists.", 409)
        now = time.time()
        made = Association(
            cluster=cluster.name,
            region=cluster.region,
            namespace=namespace,
            service_account=service_account,
            role_arn=role_arn,
            id="a-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(17)),
            created=now,
            modified=now,
            **more,
        )
        self._all[made.id] = made
        self._save()
        return made

    def change(self, association: Association, **changes: Any) -> Association:
        changed = replace(association, modified=time.time(), **changes)
        self._all[changed.id] = changed
        self._save()
        return changed

    def delete(self, association: Association) -> None:
        del self._all[association.id]
        self._save()

    def forget_cluster(self, cluster: str) -> None:
        """A deleted cluster takes its associations with it."""
        self._all = {key: one for key, one in self._all.items() if one.cluster != cluster}
        self._save()

    def _save(self) -> None:
        write_private(self._file, json.dumps([asdict(one) for one in self._all.values()]))
