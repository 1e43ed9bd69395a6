"""What a cluster makes of a container: the ExternalSecrets that read it, their Secrets, and who uses those."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bootstrap.verification.environment import EnvironmentView

_NOT_ZERO = re.compile("[1-9]")
EXTERNAL_SECRETS = "/apis/external-secrets.io/v1"
# What a Deployment's author promises, by an annotation: who restarts its pods when one of these Secrets changes.
RESTART_ON = "secrets-bootstrap/restart-on"
_RELOADER_SECRETS = "secret.reloader.stakater.com/reload"
_RELOADER_AUTO = ("reloader.stakater.com/auto", "secret.reloader.stakater.com/auto")


@dataclass(frozen=True, kw_only=True)
class Synced:
    """An ExternalSecret that reads the container.

    keys: the Secret's keys that hold it as it is, each with the property of the value (None: all of it). comparable:
    whether they say all; with a template or a whole extract, only the Secret's revision tells of a new value.
    stays: why it would never take up a new value; None if it does.
    """

    namespace: str
    name: str
    secret: str
    keys: Mapping[str, str | None]
    comparable: bool
    stays: str | None

    @property
    def path(self) -> str:
        return f"{EXTERNAL_SECRETS}/namespaces/{self.namespace}/externalsecrets/{self.name}"

    @property
    def secret_path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/secrets/{self.secret}"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A Deployment that uses one of the Secrets.

    restarted_by: `rotate`, `Reloader`, or None, if nobody was asked to. in_variables: whether its containers get the
    value in variables, which never change while they run.
    """

    namespace: str
    name: str
    secrets: frozenset[str]
    restarted_by: str | None
    in_variables: bool

    @property
    def path(self) -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{self.name}"


def synced_from(view: EnvironmentView, remote_key: str) -> list[Synced]:
    """The ExternalSecrets of the cluster that read the container, by whatever store of this manager."""
    items = view.get(f"{EXTERNAL_SECRETS}/externalsecrets")["items"]
    own = view.custom_resource("clustersecretstores", view.references["storeName"])["spec"]["provider"]
    found = (_synced(item, remote_key) for item in items if _is_of_manager(view, item, own))
    return [one for one in found if one is not None]


def _is_of_manager(view: EnvironmentView, item: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether it reads by the environment's store, or by one of its namespace that has the same manager."""
    store = item["spec"].get("secretStoreRef") or {}
    if store.get("kind") == "ClusterSecretStore":
        return store.get("name") == view.references["storeName"]
    namespace = item["metadata"]["namespace"]
    stores = view.get(f"{EXTERNAL_SECRETS}/namespaces/{namespace}/secretstores")["items"]
    named = (one["spec"]["provider"] for one in stores if one["metadata"]["name"] == store.get("name"))
    return any(_manager(one) == _manager(own) for one in named)


def _manager(provider: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`spec.provider` without who opens it."""
    identity = {"auth", "role", "serviceAccountRef"}
    return {
        name: {key: value for key, value in settings.items() if key not in identity}
        for name, settings in provider.items()
    }


def _synced(item: Mapping[str, Any], remote_key: str) -> Synced | None:
    spec, metadata = item["spec"], item["metadata"]
    entries = [one for one in spec.get("data") or () if one["remoteRef"]["key"] == remote_key]
    extracts = [
        one["extract"] for one in spec.get("dataFrom") or () if (one.get("extract") or {}).get("key") == remote_key
    ]
    if not entries and not extracts:
        return None
    target = spec.get("target") or {}
    return Synced(
        namespace=metadata["namespace"],
        name=metadata["name"],
        secret=target.get("name") or metadata["name"],
        keys={one["secretKey"]: one["remoteRef"].get("property") for one in entries},
        comparable=not extracts and not target.get("template"),
        stays=_stays(spec, [*(entry["remoteRef"] for entry in entries), *extracts]),
    )


def _stays(spec: Mapping[str, Any], references: Sequence[Mapping[str, Any]]) -> str | None:
    """Why it never reads a newer version, forced or not (external-secrets v0.20.4, `shouldRefresh`)."""
    if any(one.get("version") for one in references):
        return "names a version"
    if spec.get("refreshPolicy") == "CreatedOnce":
        return "has the refreshPolicy CreatedOnce"
    if spec.get("refreshPolicy") != "OnChange" and not _NOT_ZERO.search(spec.get("refreshInterval") or "1h"):
        return "has the refreshInterval 0"
    return None


def workloads_of(view: EnvironmentView, synced: Sequence[Synced]) -> list[Workload]:
    """The Deployments that use one of the Secrets, or ask to be restarted for one."""
    found: list[Workload] = []
    for namespace in sorted({one.namespace for one in synced}):
        secrets = {one.secret for one in synced if one.namespace == namespace}
        for item in view.get(f"/apis/apps/v1/namespaces/{namespace}/deployments")["items"]:
            workload = _workload(item, secrets)
            if workload is not None:
                found.append(workload)
    return found


def _workload(item: Mapping[str, Any], secrets: set[str]) -> Workload | None:
    annotations: Mapping[str, str] = item["metadata"].get("annotations") or {}
    pod = item["spec"]["template"]["spec"]
    in_variables = secrets & set(_in_variables(pod))
    used = in_variables | (secrets & set(_in_volumes(pod)))
    by_rotate, by_reloader = _listed(annotations, RESTART_ON), _listed(annotations, _RELOADER_SECRETS)
    if any(annotations.get(name) == "true" for name in _RELOADER_AUTO):
        by_reloader |= used
    asked = {"rotate": secrets & by_rotate, "Reloader": secrets & by_reloader}
    restarted_by = next((who for who, which in asked.items() if which), None)
    concerned = used | asked["rotate"] | asked["Reloader"]
    if not concerned:
        return None
    return Workload(
        namespace=item["metadata"]["namespace"],
        name=item["metadata"]["name"],
        secrets=frozenset(concerned),
        restarted_by=restarted_by,
        in_variables=bool(in_variables),
    )


def _listed(annotations: Mapping[str, str], name: str) -> set[str]:
    return {one.strip() for one in annotations.get(name, "").split(",") if one.strip()}


def _in_variables(pod: Mapping[str, Any]) -> Iterable[str]:
    for container in [*(pod.get("initContainers") or ()), *pod["containers"]]:
        for source in container.get("envFrom") or ():
            yield (source.get("secretRef") or {}).get("name", "")
        for variable in container.get("env") or ():
            yield ((variable.get("valueFrom") or {}).get("secretKeyRef") or {}).get("name", "")


def _in_volumes(pod: Mapping[str, Any]) -> Iterable[str]:
    for volume in pod.get("volumes") or ():
        yield (volume.get("secret") or {}).get("secretName", "")
        for source in (volume.get("projected") or {}).get("sources") or ():
            yield (source.get("secret") or {}).get("name", "")
