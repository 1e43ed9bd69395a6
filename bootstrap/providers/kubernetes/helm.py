"""`helm.sh/v3:Release` by the real `helm` program. Values go through its standard input, never through arguments."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typing_extensions import override

from bootstrap.kubernetes_api import is_path
from bootstrap.paths import write_private
from bootstrap.providers.fields import Field
from bootstrap.providers.kubernetes.cluster import Cluster
from bootstrap.providers.properties import Properties
from bootstrap.providers.resource import Call, Created, ProviderError, Resource

_DEFAULT_SECONDS = 300
_POLL_SECONDS = 0.2
_CHART_AND_VERSION = re.compile(r"(?P<name>.+?)-(?P<version>v?\d+\.\d+\.\d+.*)")


class Release(Resource):
    """A Helm release; its id is `namespace/name`. Helm waits until its objects are ready, CRDs established included.

    A failed installation is taken back, a failed upgrade rolled back (`--atomic`).
    """

    fields = {  # noqa: RUF012
        "name": Field(kind=str, required=True, replaces=True),
        "namespace": Field(kind=str, replaces=True),
        "chart": Field(kind=str, required=True),
        "version": Field(kind=str),
        "repositoryOpts": Field(kind=dict, fields={"repo": Field(kind=str)}),
        "values": Field(kind=dict),
        "timeout": Field(kind=int),
        "createNamespace": Field(kind=bool),
        "compat": Field(kind=str),
    }
    computed = ("status",)
    volatile = ("status",)

    def __init__(self, cluster: Cluster | None) -> None:
        self._cluster = cluster

    @override
    def create(self, inputs: Properties, call: Call) -> Created:
        namespace, name = inputs.get("namespace", "default"), inputs["name"]
        id_ = f"{namespace}/{name}"
        found = self._find(id_, call)
        if found is not None:
            raise ProviderError(
                f"Helm release {id_} already exists ({found['status']}): "
                f"import it or run helm uninstall {name} -n {namespace}"
            )
        return Created(id_, self._install(id_, inputs, call))

    @override
    def read(self, id_: str, inputs: Properties, state: Properties, call: Call) -> Properties | None:
        found = self._find(id_, call)
        if found is None:
            return None
        namespace, name = id_.split("/")
        values = json.loads(self._helm(call, "get", "values", name, "-n", namespace, "-o", "json")) or {}
        return _state({**state, **inputs, "values": values}, found)

    @override
    def refreshed_inputs(self, old: Properties, live: Properties) -> Properties:
        if not old:
            return {key: live[key] for key in ("name", "namespace", "chart", "version", "values") if key in live}
        status = live["status"]
        found = dict(old)
        if "version" in old:
            found["version"] = status["version"]
        # Helm drops empty values, so they tell nothing.
        if _filled(old.get("values") or {}) != _filled(live["values"]):
            found["values"] = live["values"]
        if status["status"] != "deployed":
            found.pop("chart", None)  # whatever it is, it is not what was asked for: the next `up` repairs it
        return found

    @override
    def update(self, id_: str, old: Properties, new: Properties, call: Call) -> Properties:
        return self._install(id_, new, call)

    @override
    def delete(self, id_: str, state: Properties, call: Call) -> None:
        namespace, name = id_.split("/")
        limit = f"{int(state.get('timeout') or _DEFAULT_SECONDS)}s"
        self._helm(call, "uninstall", name, "-n", namespace, "--wait", "--timeout", limit, "--ignore-not-found")

    def _install(self, id_: str, inputs: Properties, call: Call) -> Properties:
        namespace, name = id_.split("/")
        limit = f"{int(inputs.get('timeout') or call.timeout or _DEFAULT_SECONDS)}s"
        arguments = ["upgrade", name, inputs["chart"], "--install", "--wait", "--atomic", "--timeout", limit]
        arguments += ["-n", namespace, "--values", "-", "--reset-values", "--history-max", "5"]
        repository = (inputs.get("repositoryOpts") or {}).get("repo")
        arguments += ["--repo", repository] if repository else []
        arguments += ["--version", inputs["version"]] if inputs.get("version") else []
        arguments += ["--create-namespace"] if inputs.get("createNamespace") else []
        self._helm(call, *arguments, stdin=json.dumps(inputs.get("values") or {}))
        found = self._find(id_, call)
        if found is None:
            raise ProviderError(f"Helm release {id_} is gone right after it was installed")
        return _state({**inputs, "namespace": namespace}, found)

    def _find(self, id_: str, call: Call) -> Properties | None:
        namespace, name = id_.split("/")
        listed = self._helm(call, "list", "-n", namespace, "--all", "--filter", f"^{re.escape(name)}$", "-o", "json")
        return next(iter(json.loads(listed)), None)

    def _helm(self, call: Call, *arguments: str, stdin: str = "") -> str:
        if self._cluster is None:
            raise ProviderError("the kubernetes provider has no kubeconfig: give `kubeconfig` to it")
        with _environment(self._cluster.kubeconfig) as environment:
            process = subprocess.Popen(
                [_helm_program(), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )
            stdout, stderr = _communicate(process, stdin, call)
        if process.returncode != 0:
            raise ProviderError(f"helm {arguments[0]}: {stderr.strip()[-2000:]}")
        return stdout


def _communicate(process: "subprocess.Popen[str]", stdin: str, call: Call) -> tuple[str, str]:
    to_send: str | None = stdin
    while True:
        try:
            return process.communicate(to_send, timeout=_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            to_send = None
            if call.cancelled.is_set():
                process.terminate()  # helm then takes back what it began
                return process.communicate()


@contextmanager
def _environment(kubeconfig: str) -> Iterator[dict[str, str]]:
    """Helm's environment. Its caches are its own: a cluster made again at the same address has other kinds."""
    with tempfile.TemporaryDirectory(prefix="helm-") as folder:
        home = Path(folder)
        path = kubeconfig if is_path(kubeconfig) else str(write_private(home / "kubeconfig", kubeconfig))
        caches = {"KUBECACHEDIR": str(home / "kube"), "HELM_CACHE_HOME": str(home / "helm")}
        yield {**os.environ, **caches, "KUBECONFIG": path}


def _helm_program() -> str:
    tools = os.environ.get("SECRETS_BOOTSTRAP_TOOLS")
    return str(Path(tools) / "helm") if tools else "helm"


def _state(known: Properties, found: Any) -> Properties:
    match = _CHART_AND_VERSION.fullmatch(found["chart"])
    version = match["version"] if match else ""
    return {
        **known,
        "name": found["name"],
        "namespace": found["namespace"],
        "version": version,
        "status": {
            "appVersion": found["app_version"],
            "chart": match["name"] if match else found["chart"],
            "name": found["name"],
            "namespace": found["namespace"],
            "revision": int(found["revision"]),
            "status": found["status"],
            "version": version,
        },
    }


def _filled(value: Any) -> Any:
    """The value without empty parts."""
    if isinstance(value, dict):
        filled = {key: _filled(item) for key, item in value.items()}
        return {key: item for key, item in filled.items() if item not in (None, {}, [])}
    return value
