"""The commands `sops …`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(help="SOPS for the few Secrets that are needed before External Secrets runs.", no_args_is_help=True)
Root = Annotated[Path, typer.Option("--path", help="The folder of sops-recipients.yaml and .sops.yaml.")]
Files = Annotated[list[Path] | None, typer.Argument(help="Encrypted files; default all in secrets/.")]
console = Console(stderr=True)


@app.command()
def config(root: Root = Path()) -> None:
    """Write .sops.yaml from sops-recipients.yaml; refused if two environments share a key."""
    from bootstrap.sops import configuration
    from bootstrap.sops.recipients import read_recipients

    console.print(f"wrote {configuration.write(root, read_recipients(root))}")


@app.command()
def check(files: Files = None, root: Root = Path()) -> None:
    """Refuse a file that is not encrypted, or not for its environment's keys alone. It needs no key."""
    console.print(f"{len(_checked(root, files))} files are encrypted for their own environment only")


@app.command()
def apply(
    environment: Annotated[str, typer.Argument(help="The environment whose files are applied.")],
    kubeconfig: Annotated[Path, typer.Option(help="Its cluster.")],
    root: Root = Path(),
) -> None:
    """Check an environment's files, decrypt them into memory and apply them; nothing is written to disk."""
    from bootstrap.errors import BootstrapError
    from bootstrap.kubernetes_api import answering, connect
    from bootstrap.sops import apply as applying
    from bootstrap.sops.configuration import FOLDER

    files = [file for file in _checked(root, None) if file.relative_to(root / FOLDER).parts[0] == environment]
    if not files:
        raise BootstrapError(f"environment {environment}", "it has no files", f"put them into {FOLDER}/{environment}/")
    with answering(connect(str(kubeconfig))) as http:
        for file in files:
            for secret in applying.apply(http, root, file, console):
                console.print(f"applied Secret {secret}")


@app.command()
def updatekeys(files: Files = None, root: Root = Path()) -> None:
    """After a change of sops-recipients.yaml: encrypt files for the new keys, under a new data key."""
    from bootstrap.sops import configuration
    from bootstrap.sops.check import files_of
    from bootstrap.sops.program import sops
    from bootstrap.sops.recipients import read_recipients

    configuration.require_generated(root, read_recipients(root))
    for file in files or files_of(root):
        path = str(file.resolve())
        # `updatekeys` alone keeps the data key, which somebody who was taken out may have kept too. First, as long as
        # the caller can open the file: afterwards he may be the one who was taken out.
        sops(root, console, "rotate", "--in-place", path)
        sops(root, console, "updatekeys", "--yes", path)
    _checked(root, files)


@app.command("age-key")
def age_key(
    command: Annotated[
        list[str], typer.Argument(help="What stores the private half, which it gets on standard input.")
    ],
) -> None:
    """Make an age key, pipe its private half into a command that stores it, and print the public half."""
    from bootstrap.sops.program import create_age_key

    print(create_age_key(command, console))


def _checked(root: Path, files: list[Path] | None) -> list[Path]:
    from bootstrap.sops.check import check as run
    from bootstrap.sops.check import files_of
    from bootstrap.sops.recipients import read_recipients

    chosen = files or files_of(root)
    run(root, read_recipients(root), chosen)
    return chosen
