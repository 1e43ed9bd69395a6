"""Where programs are kept: a folder for each pinned module, and for each set of modules one folder of links to them.

A module's folder is named by a digest of all that decides its content: a change to one module rebuilds no other.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from bootstrap.paths import REPOSITORY, cache_dir
from bootstrap.toolchain.tools import MODULES, Module

TOOLCHAIN = REPOSITORY / "bootstrap" / "toolchain"
MODULES_DIR = TOOLCHAIN / "modules"


def module_dir(module: Module) -> Path:
    """Where the programs of one module are, and what belongs to them."""
    return cache_dir() / "modules" / f"{module.name}-{_digest(module)}"


def tools_dir(modules: Sequence[Module] = MODULES) -> Path:
    """The one folder that holds every program of these modules. `SECRETS_BOOTSTRAP_TOOLS` names another one."""
    chosen = os.environ.get("SECRETS_BOOTSTRAP_TOOLS")
    if chosen:
        return Path(chosen)
    digest = hashlib.sha256(" ".join(module_dir(module).name for module in modules).encode())
    return cache_dir() / f"tools-{digest.hexdigest()[:12]}"


def _digest(module: Module) -> str:
    """Of the module's entry in `tools.py`, its pins, and the files that it names."""
    pinned = [MODULES_DIR / module.name / file for file in ("go.mod", "go.sum")]
    content = [file.read_bytes() for file in [*pinned, *(TOOLCHAIN / file for file in module.shaped_by)]]
    return hashlib.sha256(b"\0".join([repr(module).encode(), *content])).hexdigest()[:12]
