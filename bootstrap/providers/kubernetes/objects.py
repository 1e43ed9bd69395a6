"""Kubernetes objects of one kind as a resource type: server-side apply, waits, and drift in the fields we own."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from bootstrap.providers.fields import Fault
from bootstrap.providers.kubernetes import waiting
from bootstrap.providers.kubernetes.cluster import Cluster
from bootstrap.providers.kubernetes.kinds import Kind
from bootstrap.providers.properties import Properties, Unknown, plain
from bootstrap.providers.resource import Call, Created, PartlyDoneError, ProviderError, Resource

_HEADER = frozenset({"apiVersion", "kind", "metadata"})
_METADATA = frozenset({"annotations", "finalizers", "labels", "name", "namespace"})
# They change by themselves, so every refresh would report them.
_RESTLESS = frozenset({"managedFields", "resourceVersion"})
_ACTIVE = waiting.Goal("phase Active", lambda found: found.get("status", {}).get("phase") == "Active")


class KubernetesObject(Resource):
    """Objects of one kind. The id is `namespace/name`, or `name` for kinds without namespaces.

    `status` is not recorded: it belongs to the cluster. A Secret's values are secrets in the state.
    """

    def __init__(self, kind: Kind, cluster: Cluster | None, settings: Mapping[str, Any]) -> None:
        self._kind, self._cluster_or_none = kind, cluster
        self._mutable = kind.mutable_by is not None and settings.get(kind.mutable_by) in ("true", True)
        self._is_secret = (kind.api_version, kind.name) == ("v1", "Secret")
        if self._is_secret:
            self.secret_outputs = frozenset({"data", "stringData"})

    @property
    def _cluster(self) -> Cluster:
        if self._cluster_or_none is None:
            raise ProviderError("the kubernetes provider has no kubeconfig: give `kubeconfig` to it")
        return self._cluster_or_none

    # Without a cluster

    @override
    def check(self, inputs: Properties) -> Iterable[Fault]:
        inputs = plain(inputs)
        for field, wanted in (("apiVersion", self._kind.api_version), ("kind", self._kind.name)):
            if inputs.get(field) != wanted:
                yield Fault(field, f"must be {wanted}")
        parts = self._kind.parts
        for name in inputs:
            if parts is not None and name not in _HEADER | parts:
                yield Fault(name, f"is not an input of {self._kind.name}; it has {', '.join(sorted(_HEADER | parts))}")
        metadata = inputs.get("metadata")
        if isinstance(metadata, dict):
            yield from self._metadata_faults(metadata)
        elif not isinstance(metadata, Unknown):
            yield Fault("metadata", "is required: it holds the name")

    def _metadata_faults(self, metadata: Properties) -> Iterable[Fault]:
        if not metadata.get("name"):
            yield Fault("metadata.name", "is required: the offline provider makes up no names")
        for name in metadata:
            if name not in _METADATA:
                yield Fault(f"metadata.{name}", f"is not supported; supported are {', '.join(sorted(_METADATA))}")
        if self._kind.namespaced is False and metadata.get("namespace"):
            yield Fault("metadata.namespace", f"must not be given: a {self._kind.name} lives in no namespace")
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict) and isinstance(annotations.get(waiting.WAIT_FOR, ""), str):
            try:
                waiting.goals(annotations)
            except ValueError as error:
                yield Fault(f'metadata.annotations["{waiting.WAIT_FOR}"]', f"cannot be understood: {error}")

    @override
    def replaces(self, keys: tuple[str | int, ...]) -> bool:
        if keys[0] in self._kind.immutable and not self._mutable:
            return True
        return keys[:2] in {("metadata", "name"), ("metadata", "namespace"), ("metadata",)}

    @override
    def delete_before_replace(self, old: Properties, new: Properties) -> bool:
        before, after = old.get("metadata", {}), new.get("metadata", {})
        return all(before.get(key) == after.get(key) for key in ("name", "namespace"))

    @override
    def refreshed_inputs(self, old: Properties, live: Properties) -> Properties:
        if not old:  # an import
            metadata = {key: value for key, value in live["metadata"].items() if key in _METADATA}
            return {**live, "metadata": metadata}
        return _owned(live, old)

    # With a cluster

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        metadata = inputs["metadata"]
        place = self._cluster.place(self._kind.api_version, self._kind.name, call)
        namespace = metadata.get("namespace", "default") if place.namespaced else None
        id_ = f"{namespace}/{metadata['name']}" if namespace else metadata["name"]
        path = place.path(namespace, metadata["name"])
        if self._cluster.get(path) is not None:
            raise ProviderError(f"{self._kind.name} {id_} already exists: import it or remove it")
        return Created(id_, self._apply(id_, path, inputs, call))

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        path = self._path(id_)
        live = self._cluster.get(path) if path else None
        if live is None or "deletionTimestamp" in live["metadata"]:
            return None
        return self._seen(live, inputs or state)

    @override
    def update(self, id_: str, old: Properties, new: Properties, call: Call) -> Properties:
        path = self._path(id_)
        if path is None:
            raise ProviderError(f"the cluster no longer has the kind {self._kind.name} of {self._kind.api_version}")
        return self._apply(id_, path, new, call)

    @override
    def delete(self, id_: str, state: Properties, call: Call) -> None:
        path = self._path(id_)
        live = self._cluster.get(path) if path else None
        if path is None or live is None:
            return
        uid = live["metadata"]["uid"]
        self._cluster.delete(path, uid)
        limit = waiting.seconds(live["metadata"].get("annotations") or {}, call)
        for _ in waiting.polls(call, limit):
            live = self._cluster.get(path)
            if live is None or live["metadata"]["uid"] != uid:
                return
        held = ", ".join((live or {}).get("metadata", {}).get("finalizers") or ["nothing known"])
        raise ProviderError(
            f"{self._kind.name} {id_} is still there after {limit:.0f} s; it is held by {held}; "
            f"{waiting.describe(live or {})}"
        )

    def _path(self, id_: str) -> str | None:
        place = self._cluster.find_place(self._kind.api_version, self._kind.name)
        namespace, _, name = id_.rpartition("/")
        return place.path(namespace, name) if place else None

    def _apply(self, id_: str, path: str, inputs: Properties, call: Call) -> Properties:
        live = self._cluster.apply(path, self._body(inputs), confidential=self._is_secret)
        annotations = inputs["metadata"].get("annotations") or {}
        goals = [*waiting.goals(annotations), *([_ACTIVE] if self._kind.name == "Namespace" else [])]
        limit = waiting.seconds(annotations, call)
        missing: list[str] = []
        try:
            for _ in waiting.polls(call, limit):
                missing = [goal.text for goal in goals if not goal.reached(live)]
                if not missing:
                    return self._seen(live, inputs)
                live = self._cluster.get(path) or {}
                if not live:
                    raise ProviderError(f"{self._kind.name} {id_} was deleted while it was waited for")
        except ProviderError as error:
            raise PartlyDoneError(id_, self._seen(live, inputs) if live else {}, str(error)) from None
        reason = (
            f"{self._kind.name} {id_} did not reach {', '.join(missing)} in {limit:.0f} s: {waiting.describe(live)}"
        )
        raise PartlyDoneError(id_, self._seen(live, inputs), reason)

    def _body(self, inputs: Properties) -> Properties:
        if not self._is_secret or "stringData" not in inputs:
            return inputs
        # Apply does not remove keys that leave stringData; it does for data.
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in inputs["stringData"].items()}
        body = {key: value for key, value in inputs.items() if key != "stringData"}
        return {**body, "data": {**inputs.get("data", {}), **encoded}}

    def _seen(self, live: Mapping[str, Any], known: Properties) -> Properties:
        metadata = {key: value for key, value in live["metadata"].items() if key not in _RESTLESS}
        seen = {**{key: value for key, value in live.items() if key != "status"}, "metadata": metadata}
        if self._is_secret and "stringData" in known:
            data = live.get("data") or {}
            seen["stringData"] = {
                key: base64.b64decode(data[key]).decode(errors="replace") for key in known["stringData"] if key in data
            }
        return seen


def _owned(live: Any, owned: Any) -> Any:
    """The part of `live` that `owned` has, too. Items of lists are compared one by one: servers fill in defaults."""
    if isinstance(live, Mapping) and isinstance(owned, Mapping):
        return {key: _owned(live[key], value) for key, value in owned.items() if key in live}
    if isinstance(live, list) and isinstance(owned, list) and len(live) == len(owned):
        return [_owned(now, before) for now, before in zip(live, owned, strict=True)]
    return live
