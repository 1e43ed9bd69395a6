"""A program that the machine already has, when its version is one we have proved."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from bootstrap.toolchain.tools import Program


def find(program: Program) -> Path | None:
    """The executable in `KUBEBUILDER_ASSETS`, on PATH or in an official install; None unless of a proved version."""
    places = [
        os.environ.get("KUBEBUILDER_ASSETS", ""),
        os.environ.get("PATH", ""),
        str(Path.home() / ".pulumi" / "bin"),
    ]
    found = shutil.which(program.name, path=os.pathsep.join(filter(None, places)))
    if found is None or not program.version_command:
        return None
    try:
        answer = subprocess.run(
            [found, *program.version_command], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Path(found) if re.search(program.accepts, answer.stdout + answer.stderr) else None
