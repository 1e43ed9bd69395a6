"""What the commands do, in order: `up`, `verify`, `recover` and `down` of a stack that runs on this machine."""

import json
import shutil
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import yaml
from filelock import FileLock, Timeout
from rich.console import Console

from bootstrap.engine import Engine
from bootstrap.errors import BootstrapError
from bootstrap.localcloud.cloud import LocalCloud, local_cloud
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.localcloud.kubernetes.layout import short_folder
from bootstrap.paths import (
    DEFAULT_PORT_BASE,
    PORTS_PER_CLUSTER,
    REPOSITORY,
    RUN_LOCK,
    Ports,
    remove_state,
    state_dir,
)
from bootstrap.processes import end_tree, recorded_process
from bootstrap.recovery.recover import recover_run
from bootstrap.toolchain.folders import tools_dir
from bootstrap.toolchain.install import install
from bootstrap.toolchain.tools import COMMON
from bootstrap.verification.report import Report
from bootstrap.verification.timeline import timeline

# For each topology that runs on this machine: the kind of its cloud, and its first port, so that all can be up.
_CLOUDS = {
    "local": ("aws", DEFAULT_PORT_BASE),
    "local-vault": ("vault", DEFAULT_PORT_BASE + 5 * PORTS_PER_CLUSTER),
    "local-teams": ("aws", DEFAULT_PORT_BASE + 10 * PORTS_PER_CLUSTER),
}

if TYPE_CHECKING:
    from bootstrap.canaries.report import Searched
    from bootstrap.proof.report import Proof
    from bootstrap.verification.environment import EnvironmentView


@dataclass(frozen=True, kw_only=True)
class LocalStack:
    """One stack: its folder, its ports, its local cloud and its engine."""

    name: str
    directory: Path
    ports: Ports
    cloud: LocalCloud
    tools: Path

    @property
    def engine(self) -> Engine:
        """The engine, with the deployer's credentials: the local cloud must have been started once."""
        return Engine(
            stack=self.name,
            directory=self.directory,
            tools=self.tools,
            cloud_environment={"SECRETS_BOOTSTRAP_CLOUD": self.cloud.kind, **self.cloud.deployer_profile()},
        )

    def control_planes(self) -> list[ControlPlane]:
        return ControlPlane.existing(self.directory, self.cloud)

    def start_cloud(self, console: Console) -> None:
        """Leave the local cloud running: what is dead or half-dead is started again, the rest is not touched."""
        if not self.cloud.health():
            console.print(f"{self.cloud.title}: starting")
        self.cloud.start()
        for plane in self.control_planes():
            repaired = plane.ensure()
            if repaired:
                console.print(f"cluster {plane.name}: started {', '.join(repaired)}")

    def require_running(self) -> None:
        """Refuse a cloud that is down, in one sentence and not in one for each gate that cannot be checked."""
        self.cloud.deployer_environment()  # says so if there never was one
        down = [] if self.cloud.health() else [f"the {self.cloud.title}"]
        down += [f"cluster {plane.name}" for plane in self.control_planes() if not plane.is_healthy()]
        if down:
            raise BootstrapError(
                f"stack {self.name}",
                f"not running or not healthy: {', '.join(down)}",
                f"run `make up STACK={self.name}`: it repairs them",
            )


def _cloud_of(stack: str) -> tuple[str, int]:
    """The cloud's kind and its first port, of a stack that runs on this machine."""
    file = REPOSITORY / "stacks" / f"Pulumi.{stack}.yaml"
    if not file.exists():
        raise BootstrapError(f"stack {stack}", f"stacks/Pulumi.{stack}.yaml does not exist", "name a stack of stacks/")
    topology = yaml.safe_load(file.read_text())["config"]["secrets-bootstrap:topology"]
    if topology not in _CLOUDS:
        raise BootstrapError(
            f"stack {stack}",
            "these commands manage the stacks that run on this machine",
            f"for a real cloud run `pulumi up --stack {stack}`: see docs/pages/runbooks/eks.md",
        )
    return _CLOUDS[topology]


def open_stack(stack: str, console: Console) -> LocalStack:
    """The stack's handles. Its folder is made and the tools are had; nothing is started."""
    kind, port_base = _cloud_of(stack)
    directory = state_dir(stack)
    ports = Ports.load(directory, port_base)
    cloud = local_cloud(kind, directory, ports.cloud)
    tools = install(console, [*COMMON, *cloud.modules])
    return LocalStack(name=stack, directory=directory, ports=ports, cloud=cloud, tools=tools)


@contextmanager
def only_run(directory: Path) -> Generator[None]:
    """One command at a time on a stack. The lock is the kernel's: a killed command does not hold it."""
    try:
        with FileLock(directory / RUN_LOCK, timeout=0):
            yield
    except Timeout:
        raise BootstrapError(
            f"the stack in {directory}", "another command is working on it", "wait for that command to end"
        ) from None


def up(stack: str, console: Console) -> Report:
    """Start the local cloud, run `pulumi up`, and check every gate."""
    local = open_stack(stack, console)
    with only_run(local.directory):
        started = time.time()
        local.start_cloud(console)
        engine = local.engine
        engine.prepare()
        if engine.is_locked() or engine.has_pending_operations():
            recover_run(local, console)
        console.print("pulumi up: keys, store, etcd encryption, cluster, identity, operator, first sync, Argo CD")
        engine.up()
        state = engine.export()
        return _verify(local, console, state, timeline(state, started))


def verify(stack: str, console: Console) -> Report:
    """Check every gate of a running stack."""
    local = open_stack(stack, console)
    local.require_running()
    return _verify(local, console, local.engine.export())


def prove(stack: str, console: Console) -> "Proof":
    """Attack a running stack and follow its secrets; see `bootstrap.proof` and `bootstrap.canaries`."""
    from bootstrap.proof.prove import prove as attack_all

    local = open_stack(stack, console)
    with only_run(local.directory):
        local.require_running()
        views = environment_views(local)
        with console.status("attacking") as status:
            proof = attack_all(
                local.name,
                local.cloud.kind,
                views,
                local.engine.export(),
                lambda view, attack: status.update(f"{view.name}: {attack.name}; {attack.judge} decides"),
            )
        return replace(proof, searched=_search(local, views, console))


def search(stack: str, console: Console, others: Sequence[Path] = ()) -> "Searched":
    """Follow the secrets of a running stack; see `bootstrap.canaries`."""
    local = open_stack(stack, console)
    with only_run(local.directory):
        local.require_running()
        return _search(local, environment_views(local), console, others)


def _search(
    local: LocalStack, views: "Sequence[EnvironmentView]", console: Console, others: Sequence[Path] = ()
) -> "Searched":
    from bootstrap.canaries.scan import scan

    with console.status("following secrets") as status:
        return scan(
            kind=local.cloud.kind,
            engine=local.engine,
            ports_base=local.ports.base,
            views=views,
            others=others,
            progress=status.update,
        )


def _verify(
    local: LocalStack, console: Console, state: Mapping[str, Any], steps: Sequence[tuple[str, str, float]] = ()
) -> Report:
    from bootstrap.verification.gates import check

    views = environment_views(local)
    console.print(f"checking the gates of {', '.join(view.name for view in views)}")
    own_secrets = [(local.directory / "passphrase").read_text(), *local.cloud.own_secrets()]
    gates = check(views, json.dumps(state), own_secrets)
    return Report(stack=local.name, gates=gates, timeline=steps)


def environment_views(local: LocalStack) -> "list[EnvironmentView]":
    """Each environment of the running stack, seen from outside."""
    from bootstrap.verification.environment import view_of

    planes = {plane.name: plane for plane in local.control_planes()}
    views: list[EnvironmentView] = []
    for name, references in local.engine.outputs().get("environments", {}).items():
        plane = planes.get(references["clusterName"])
        if plane is None:
            raise BootstrapError(
                f"environment {name}", "its cluster is not on this machine", f"run `make up STACK={local.name}`"
            )
        views.append(
            view_of(
                local.cloud,
                name=name,
                references=references,
                raw_etcd_value=plane.raw_etcd_value,
                issuer_key=plane.issuer_key,
                operator_environments=lambda plane=plane: operator_environments(plane.directory),
            )
        )
    if not views:
        raise BootstrapError(
            f"stack {local.name}", "it has no environments to check", f"run `make up STACK={local.name}`"
        )
    return views


def operator_environments(cluster_directory: Path) -> list[dict[str, str]]:
    """The environment variables of the running External Secrets processes, as the kernel holds them."""
    pods = json.loads((cluster_directory / "pods.json").read_text())
    found: list[dict[str, str]] = []
    for name, pod in pods.items():
        with suppress(psutil.NoSuchProcess):  # it may be between two starts; the gate refuses to pass on none at all
            if "external-secrets" in name:
                found.append(psutil.Process(pod["pid"]).environ())
    return found


def recover(stack: str, console: Console) -> None:
    """Repair what a killed run left: see `bootstrap.recovery`."""
    local = open_stack(stack, console)
    with only_run(local.directory):
        local.cloud.deployer_environment()  # says so if there never was a run
        local.start_cloud(console)
        local.engine.prepare()
        recover_run(local, console)


def down(stack: str, console: Console) -> None:
    """End every process of the stack and remove its folder: it all lives on this machine."""
    kind, port_base = _cloud_of(stack)
    directory = state_dir(stack)
    tools = tools_dir([*COMMON, *local_cloud(kind, directory, port_base).modules])
    with only_run(directory):
        # Those who start others go first: the engine, then the nodes. Nothing is worth a grace: all of it is removed.
        for process in processes_of(directory):
            end_tree(process, grace_seconds=0)
        for record in sorted(directory.rglob("*.pid"), key=lambda record: record.name != "node.pid"):
            process = recorded_process(record)
            if process is not None:
                end_tree(process, grace_seconds=0)
        for process in _unrecorded_daemons(directory, tools):
            end_tree(process, grace_seconds=0)
        for cluster in directory.glob("clusters/*"):
            shutil.rmtree(short_folder(cluster), ignore_errors=True)
        remove_state(directory)
    console.print(f"removed {directory}")


def processes_of(directory: Path) -> list[psutil.Process]:
    """The engine, its language host and its providers that run on this stack's folder, orphaned or not."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            engine_or_provider = process.name().startswith("pulumi") or "bootstrap.providers" in process.cmdline()
            if engine_or_provider and process.environ().get("SECRETS_BOOTSTRAP_STATE_DIR") == str(directory):
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def _unrecorded_daemons(directory: Path, tools: Path) -> list[psutil.Process]:
    """Programs of the local cloud that work in this folder, by their arguments.

    A run that is killed between a start and its record leaves one, and nothing else would ever end it.
    """
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            program, *arguments = process.cmdline() or [""]
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        ours = Path(program).parent == tools or any(one.startswith("bootstrap.localcloud.") for one in arguments)
        if ours and any(f"{directory}/" in f"{one}/" for one in arguments):
            found.append(process)
    return found
