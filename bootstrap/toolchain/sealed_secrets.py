"""Sealed Secrets' chart from the sources of the controller's release, and the controller as a plain process."""

import shutil
from pathlib import Path

CHART = "sealed-secrets-chart"
_IN_CONTAINERS = b"/var/run/secrets/kubernetes.io/serviceaccount"
_IN_WORKING_FOLDER = b".////run/secrets/kubernetes.io/serviceaccount"


def finish(source: Path, directory: Path) -> None:
    """Put the chart of the module's folder `source` beside the controller in `directory`, and free the controller of
    the one path that only a container has: it reads its token below the folder that it is started in.

    client-go has the path as a constant, so the bytes of the program are changed, one path for another of its length.
    """
    assert len(_IN_CONTAINERS) == len(_IN_WORKING_FOLDER)
    program = directory / "sealed-secrets-controller"
    program.write_bytes(program.read_bytes().replace(_IN_CONTAINERS, _IN_WORKING_FOLDER))
    chart = directory / CHART
    shutil.copytree(source / "helm" / "sealed-secrets", chart)
    for path in [chart, *chart.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)  # the module cache is read-only
