"""The real `sops` and `age-keygen`. What they print is kept in memory; no value is in arguments or in a file."""

import subprocess
from pathlib import Path

from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.leaks.sops import CONFIGURATION
from bootstrap.toolchain.install import install
from bootstrap.toolchain.tools import AGE, SOPS


def sops(root: Path, console: Console, *arguments: str, stdin: str | None = None) -> str:
    """Run `sops` in the repository, with the caller's own credentials: variables of the cloud, `SOPS_AGE_KEY_CMD`.

    `stdin` is what it reads from `/dev/stdin`, in plain text: it goes through a pipe.
    """
    tools = install(console, (SOPS,))
    done = subprocess.run(
        [str(tools / "sops"), "--config", str(root / CONFIGURATION), *arguments],
        cwd=root,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BootstrapError(
            f"sops {arguments[0]} {arguments[-1]}",
            done.stderr.strip()[-1500:],
            "be somebody who may use one of the file's keys; for age, let SOPS_AGE_KEY_CMD print the key",
        )
    return done.stdout


def create_age_key(command: list[str], console: Console) -> str:
    """Make an age key, hand its private half to the standard input of `command`, and return the public half.

    The private half is in the memory of this process and in two pipes.
    """
    if not command:
        raise BootstrapError("the command", "nobody takes the private key", "give the command that stores it after --")
    tools = install(console, (AGE,))
    made = subprocess.run([str(tools / "age-keygen")], capture_output=True, text=True, check=True).stdout
    lines = made.splitlines()
    private = next(line for line in lines if line.startswith("AGE-SECRET-KEY-"))
    public = next(line.rpartition(" ")[2] for line in lines if line.startswith("# public key:"))
    try:
        # Its standard output may repeat what it got; nobody needs that.
        stored = subprocess.run(command, input=private, text=True, stdout=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        raise BootstrapError(
            command[0], "there is no such program", "the key is gone; give a command that runs"
        ) from None
    if stored.returncode != 0:
        why = f"it ended with {stored.returncode}, so the private key is stored nowhere"
        raise BootstrapError(command[0], why, "mend what it says and run this again: it makes another key")
    return public
