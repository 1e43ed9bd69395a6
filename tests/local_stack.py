"""Handles on a running local stack, for tests."""

import io
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout
from rich.console import Console
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from bootstrap import lifecycle
from bootstrap.lifecycle import LocalStack, environment_views
from bootstrap.paths import PORTS_PER_CLUSTER, REPOSITORY
from bootstrap.verification.environment import EnvironmentView
from bootstrap.verification.report import Report
from tests.output import follow_stack

_PORTS = 3 * PORTS_PER_CLUSTER
_blocks: list[FileLock] = []
BOOTSTRAP = [sys.executable, "-m", "bootstrap"]


@dataclass(frozen=True, kw_only=True)
class Running:
    """A stack that is up, and what its preview and its first `up` said."""

    local: LocalStack
    preview: str
    report: Report
    console: Console

    @cached_property
    def views(self) -> dict[str, EnvironmentView]:
        return {view.name: view for view in environment_views(self.local)}

    @property
    def prod(self) -> EnvironmentView:
        return self.views["prod"]

    @property
    def nonprod(self) -> EnvironmentView:
        return self.views["nonprod"]

    def environment(self) -> AbstractContextManager[dict[str, str]]:
        """The variables of this very stack."""
        return environment_of(self.local.directory, self.local.ports.base)

    def aws(self, service: str, environment: str = "prod") -> Any:
        """A client with the deployer's credentials."""
        view = self.views[environment]
        return view.client(view.deployer, service)


@contextmanager
def running_stack(name: str, directory: Path) -> Iterator[Running]:
    """A stack in a folder of its own: up from nothing, and down with the block."""
    base, console = free_port_base(), Console(file=io.StringIO(), width=200)
    with environment_of(directory, base):
        local = lifecycle.open_stack(name, console)
    try:
        with environment_of(directory, base):
            local.start_cloud(console)
            local.engine.prepare()
            preview = local.engine.operate("preview", "--json", capture=True)
            report = lifecycle.up(name, console)
            stack = Running(local=local, preview=preview, report=report, console=console)
            follow_stack(stack)
        yield stack
    finally:
        with environment_of(directory, base):
            lifecycle.down(name, console)
        assert not directory.exists()


def program_with(folder: Path, stacks: Mapping[str, Mapping[str, Any]]) -> Path:
    """The root program in a folder of its own, with the configuration of some stacks."""
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copyfile(REPOSITORY / name, folder / name)
    for name in ("components", "bootstrap"):
        (folder / name).symlink_to(REPOSITORY / name)
    shutil.copytree(REPOSITORY / "stacks", folder / "stacks")
    for stack, config in stacks.items():
        (folder / "stacks" / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}))
    return folder


@contextmanager
def environment_of(directory: Path, port_base: int) -> Iterator[dict[str, str]]:
    """The variables that give a stack its own folder and ports, set for this process and for its children."""
    chosen = {"SECRETS_BOOTSTRAP_STATE_DIR": str(directory), "SECRETS_BOOTSTRAP_PORT_BASE": str(port_base)}
    before = {name: os.environ.get(name) for name in chosen}
    os.environ.update(chosen)
    try:
        yield {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def free_port_base() -> int:
    """The start of a block of ports below the kernel's ephemeral range that nobody listens on, nor will.

    Other workers of the same run choose blocks too, some time before they listen: a block is taken by a lock, which
    this process keeps to its end.
    """
    for base in range(20000, 32000, _PORTS):
        lock = FileLock(Path(tempfile.gettempdir()) / f"secrets-bootstrap-tests-{base}.lock", timeout=0)
        with suppress(Timeout):
            lock.acquire()
            if all(_is_free(port) for port in range(base, base + _PORTS)):
                _blocks.append(lock)
                return base
            lock.release()
    raise RuntimeError("no free block of ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def eventually(seconds: float) -> Any:
    """Try again until the assertions hold."""
    return retry(
        retry=retry_if_exception_type(AssertionError),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(0.2),
        reraise=True,
    )


def force_sync(view: EnvironmentView, namespace: str = "secrets-bootstrap", name: str = "canary") -> None:
    """What an operator does by hand: an annotation that changes makes external-secrets read again."""
    patch_object(
        view,
        f"/apis/external-secrets.io/v1/namespaces/{namespace}/externalsecrets/{name}",
        {"metadata": {"annotations": {"force-sync": os.urandom(4).hex()}}},
    )


def patch_object(view: EnvironmentView, path: str, patch: dict[str, Any]) -> None:
    view.kubernetes.patch(path, json=patch, headers={"Content-Type": "application/merge-patch+json"}).raise_for_status()


def stop_rotation(kms: Any, key: str) -> None:
    """As an administrator can who first allows it to himself: no policy of a key lets anybody end its rotation."""
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    policy = json.loads(before)
    administrators = next(one for one in policy["Statement"] if one["Sid"] == "Administration")
    administrators["Action"].append("kms:DisableKeyRotation")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    kms.disable_key_rotation(KeyId=key)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)


def ready_reason(view: EnvironmentView, namespace: str = "secrets-bootstrap", name: str = "canary") -> str:
    """Why an ExternalSecret is ready or not, in the operator's word."""
    conditions = view.custom_resource("externalsecrets", name, namespace).get("status", {}).get("conditions", [])
    return next((one["reason"] for one in conditions if one["type"] == "Ready"), "")
