"""The command line: what each command does is in the module it calls."""

import errno
import json
import os
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bootstrap.errors import BootstrapError

if TYPE_CHECKING:
    from bootstrap.verification.report import Report

DEFAULT_STACK = "local"
# What the person at the machine can mend. Anything else is a fault of this program and shows where it is.
_FAULTS_OF_THE_MACHINE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EMFILE,
    errno.ENOMEM,
}

app = typer.Typer(
    help="From an empty machine to a first synced secret, with no pre-seeded credential.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables could print a value
)
Stack = Annotated[str, typer.Option(help="The stack in stacks/ to work on.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of a table.")]
Durable = Annotated[list[str] | None, typer.Option(help="An environment that must be protected from deletion.")]
console = Console(stderr=True)


@app.command()
def setup() -> None:
    """Have every program that `up` runs: from PATH, an official release, or a pinned build."""
    from bootstrap.toolchain.install import install

    console.print(f"tools: {install(console)}")


@app.command()
def up(stack: Stack = DEFAULT_STACK, json_: AsJson = False) -> None:
    """Start the local cloud, run `pulumi up`, and prove each gate."""
    from bootstrap.lifecycle import up as run

    _finish(run(stack, console), json_)


@app.command()
def verify(stack: Stack = DEFAULT_STACK, json_: AsJson = False) -> None:
    """Check every gate of a running stack; exit code 1 if one fails."""
    from bootstrap.lifecycle import verify as run

    _finish(run(stack, console), json_)


@app.command()
def recover(stack: Stack = DEFAULT_STACK) -> None:
    """After a killed run: release its lock, remove what it created without recording it, repair the local cloud."""
    from bootstrap.lifecycle import recover as run

    run(stack, console)


@app.command()
def down(stack: Stack = DEFAULT_STACK) -> None:
    """Remove everything that `up` made. The cache of tools stays."""
    from bootstrap.lifecycle import down as run

    run(stack, console)


@app.command()
def policies(
    stack: Stack = DEFAULT_STACK,
    durable: Annotated[
        list[str] | None, typer.Option(help="An environment that must be protected from deletion.")
    ] = None,
) -> None:
    """Preview a stack under the policy pack; exit code 1 if it breaks a rule."""
    from bootstrap.lifecycle import open_stack
    from bootstrap.policies import preview_under_policies

    print(preview_under_policies(open_stack(stack, console).engine, durable or []))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def pulumi(context: typer.Context, stack: Stack = DEFAULT_STACK) -> None:
    """Run the stack's own Pulumi with its backend and plugins, for example: pulumi stack export."""
    from bootstrap.lifecycle import open_stack

    engine = open_stack(stack, console).engine
    os.chdir(engine.program)
    os.execve(engine.tools / "pulumi", ["pulumi", *context.args], engine.environment())  # noqa: S606


def _finish(report: "Report", as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.to_json(), indent=2))
    else:
        report.print(console)
    if not report.passed:
        raise typer.Exit(1)


def main() -> None:
    try:
        app()
    except BootstrapError as error:
        raise _failed(error) from None
    except OSError as error:
        if error.errno not in _FAULTS_OF_THE_MACHINE:
            raise
        where = str(error.filename or "this machine")
        mend = "mend that and run the command again: it goes on from where it was"
        raise _failed(BootstrapError(where, error.strerror or "", mend)) from None


def _failed(error: BootstrapError) -> SystemExit:
    console.print(f"[red]error:[/red] {escape(error.what)}", highlight=False)
    console.print(f"  why: {error.why}", highlight=False, markup=False)
    console.print(f"  mend: {error.mend}", highlight=False, markup=False)
    return SystemExit(1)
