"""A program beside the stack: Argo CD's secrets on prod's cluster, by the real engine and the stack's own operator."""

import json
import secrets
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bootstrap.toolchain.folders import tools_dir
from bootstrap.verification.environment import EnvironmentView
from tests.local_stack import Running
from tests.own_program import OwnProgram, own_program

HEAD = """
import pulumi
import pulumi_kubernetes as kubernetes
from pathlib import Path
from components import *

hub = pulumi.ResourceOptions(provider=kubernetes.Provider("prod", kubeconfig=Path({kubeconfig!r}).read_text()))
"""
SECRETS = "/api/v1/namespaces/argocd/secrets"
PART_OF_ARGO_CD = {"app.kubernetes.io/part-of": "argocd"}


@dataclass(frozen=True)
class Program:
    """One stack of a program of the test's own."""

    engine: OwnProgram
    view: EnvironmentView

    def up(self, text: str) -> None:
        head = HEAD.format(kubeconfig=str(self.view.references["kubeconfigPath"]))
        self.engine.write(head + text)
        self.engine.up(capture=True)


@pytest.fixture
def beside(running: Running, tmp_path: Path) -> Iterator[Program]:
    """The program; what it made is gone after the test."""
    engine = own_program(tmp_path, "argocd")
    with engine.undone():
        yield Program(engine, running.prod)


@pytest.fixture(scope="session", autouse=True)
def _settings(running: Running) -> None:
    """Argo CD reads its settings before anything else."""
    for view in running.views.values():
        signing = {"stringData": {"server.secretkey": secrets.token_hex(16)}}
        for kind, name, more in (("configmaps", "argocd-cm", {}), ("secrets", "argocd-secret", signing)):
            body = {"metadata": {"name": name, "labels": PART_OF_ARGO_CD}, **more}
            view.kubernetes.post(f"/api/v1/namespaces/argocd/{kind}", json=body).raise_for_status()


def argocd_sees(view: EnvironmentView, *urls: str, project: str = "") -> dict[str, Any]:
    """What Argo CD's own packages make of the Secrets in its namespace."""
    command = [tools_dir() / "argocd-reader", "--kubeconfig", view.references["kubeconfigPath"], "--project", project]
    for url in urls:
        command += ["--repository", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def watched(view: EnvironmentView, name: str) -> Iterator[list[tuple[str, bool]]]:
    """Every event of a repository's Secret, and whether Argo CD would find a key in it."""
    events: list[tuple[str, bool]] = []
    stop = threading.Event()

    def follow() -> None:
        query = f"?watch=1&fieldSelector=metadata.name={name}&timeoutSeconds=120"
        with view.kubernetes.stream("GET", SECRETS + query, timeout=130) as answer:
            for line in answer.iter_lines():
                event: dict[str, Any] = json.loads(line)
                found = event["object"]
                labelled = (found["metadata"].get("labels") or {}).get("argocd.argoproj.io/secret-type")
                usable = labelled == "repository" and bool((found.get("data") or {}).get("sshPrivateKey"))
                events.append((event["type"], usable))
                if stop.is_set():
                    return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    yield events
    stop.set()
