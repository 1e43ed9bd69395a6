"""Release the lock of a dead run, remove what it created without recording it, and clear its pending operations.

The engine writes "creating X" before it asks the provider, and "created X" after. A run killed in between leaves X in
the cloud and only the intention in the state; the next `up` would create it again. Nothing can depend on such an X yet,
so removing it is safe, provided that it is X: each remover checks the ownership marks in the recorded inputs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import psutil
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.processes import end_tree
from bootstrap.recovery.leftover import Leftover

if TYPE_CHECKING:
    from bootstrap.lifecycle import LocalStack

# A module of this folder for each package whose resources can be left behind.
_REMOVERS = ("aws", "kubernetes", "vault")
_WITHOUT_LEFTOVERS = {
    "pulumi": "a component or provider: exists in the state only",
    "secrets-bootstrap": "a component: exists in the state only",
    "tls": "a key: exists in the state only",
    "localcloud": "adopted by the next up under its name",
}


def recover_run(local: "LocalStack", console: Console) -> None:
    """Bring state and cloud back together. The next `up` then creates nothing twice and leaves nothing behind."""
    engine = local.engine
    _end_leftover_providers(local)
    locked = engine.is_locked()
    if locked:
        _refuse_live_run(local)
        engine.drop_torn_attributes()
        engine.run("cancel", "--yes", "--stack", engine.stack)
        console.print("recover: released the lock of a run that is no longer alive")
    state = engine.export()
    operations = state["deployment"].pop("pending_operations", None) or []
    if not operations:
        if not locked:
            console.print("recover: no run was cut short, there is nothing to repair")
        return
    for operation in operations:
        resource = operation["resource"]
        if operation["type"] == "creating":
            name = resource["urn"].rsplit("::", 1)[-1]
            console.print(f"recover: {name}: {_remove_unrecorded(local, resource, state)}")
    engine.import_state(state)
    if any(operation["type"] != "creating" for operation in operations):
        console.print("recover: refreshing what was being changed")
        engine.operate("refresh", "--yes", "--skip-preview", capture=True)


def _remove_unrecorded(local: "LocalStack", resource: dict[str, Any], state: dict[str, Any]) -> str:
    package = resource["type"].split(":", 1)[0]
    if package in _WITHOUT_LEFTOVERS:
        return _WITHOUT_LEFTOVERS[package]
    if package not in _REMOVERS:
        raise BootstrapError(
            resource["urn"],
            f"recovery does not know resources of package {package}",
            "look for it in the cloud, import or delete it, then run `pulumi refresh --clear-pending-creates`",
        )
    remover = import_module(f"bootstrap.recovery.{package}")  # another cloud's packages need not be there
    return remover.remove(Leftover(resource, state, local.tools, local.cloud.deployer_environment()))


def _end_leftover_providers(local: "LocalStack") -> None:
    """Providers of the dead run may still be creating: they must be gone before anyone counts what exists."""
    from bootstrap.lifecycle import processes_of

    for process in processes_of(local.directory):
        if "bootstrap.providers" in process.cmdline() and _is_orphan(process):
            end_tree(process)


def _is_orphan(process: psutil.Process) -> bool:
    parent = process.parent()
    return parent is None or "pulumi" not in parent.name()


def _refuse_live_run(local: "LocalStack") -> None:
    from bootstrap.lifecycle import processes_of

    alive = [process.pid for process in processes_of(local.directory) if process.name() == "pulumi"]
    if alive:
        raise BootstrapError(
            f"stack {local.name}", f"a pulumi run is still alive (pid {alive[0]})", "wait for it or stop it with Ctrl-C"
        )
