"""The operator's Helm chart as its publisher packs it, from the sources of the same release.

The sources hold the definitions (CRDs) in one bundle; the publisher's `hack/helm.generate.sh` makes templates of them.
The chart's one dependency is off by default and lives in a container registry, so it is left out.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

# Kinds that a value of the chart switches on; all others come with `installCRDs`.
_OWN_SWITCH = ("Cluster", "PushSecret")


def pack(source: Path, target: Path) -> None:
    """Make the folder `target`, a chart that Helm can install, from the module's folder `source`."""
    shutil.copytree(source / "deploy" / "charts" / "external-secrets", target)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)  # the module cache is read-only
    (target / "Chart.lock").unlink()
    chart = yaml.safe_load((target / "Chart.yaml").read_text())
    del chart["dependencies"]
    (target / "Chart.yaml").write_text(yaml.safe_dump(chart))
    bundle = (source / "deploy" / "crds" / "bundle.yaml").read_text()
    for name, template in _templates(bundle):
        (target / "templates" / "crds" / f"{name}.yaml").write_text(template)


def _templates(bundle: str) -> Iterator[tuple[str, str]]:
    for definition in yaml.safe_load_all(bundle):
        yield definition["spec"]["names"]["singular"], _template(definition)


def _template(definition: dict[str, Any]) -> str:
    kind = definition["spec"]["names"]["kind"]
    own = any(word in kind for word in _OWN_SWITCH)
    condition = f"and .Values.installCRDs .Values.crds.create{kind}" if own else ".Values.installCRDs"
    return f"{{{{- if {condition} }}}}\n{yaml.safe_dump(definition)}{{{{- end }}}}\n"
