"""The command line of `rotate`."""

import json
import shlex
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from bootstrap.rotation.secrets.record import RunRecord

app = typer.Typer(
    help="Rotate the value of a secret, environment after environment; each is proved before the next begins.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
console = Console(stderr=True)
Secret = Annotated[str, typer.Argument(help="The container's name in the stack's configuration, such as database.")]
Stack = Annotated[str, typer.Option(help="The stack in stacks/ to work on.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of a table.")]
DEFAULT_STACK = "local"


@app.command()
def start(
    secret: Secret,
    *,
    stages: Annotated[str, typer.Option(help="Environments in order, such as nonprod,canary,prod.")],
    stack: Stack = DEFAULT_STACK,
    generate: Annotated[
        int | None, typer.Option(help="Make random values of this length; without it, JSON on standard input.")
    ] = None,
    soak: Annotated[float, typer.Option(min=0, help="Seconds for which a stage must hold before the next.")] = 0,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that each wait may take.")] = 120,
    check: Annotated[
        str, typer.Option(help="A command that must succeed for each stage; it gets the environment's name.")
    ] = "",
    json_: AsJson = False,
) -> None:
    """Write new values stage after stage; one that is not proved stops the run before the next one."""
    from bootstrap.errors import BootstrapError
    from bootstrap.rotation.secrets import command
    from bootstrap.rotation.secrets.record import Settings

    try:
        words = shlex.split(check)
    except ValueError as error:
        raise BootstrapError("--check", f"it is no command: {error}", "close every quotation mark") from None
    settings = Settings(generate=generate, soak=soak, timeout=timeout, check=words)
    _show(command.start(stack, secret, [one.strip() for one in stages.split(",")], settings, console), json_)


@app.command()
def resume(secret: Secret, *, stack: Stack = DEFAULT_STACK, json_: AsJson = False) -> None:
    """Go on with a run that failed or was interrupted."""
    from bootstrap.rotation.secrets import command

    _show(command.resume(stack, secret, console), json_)


@app.command("roll-back")
def roll_back(secret: Secret, *, stack: Stack = DEFAULT_STACK, json_: AsJson = False) -> None:
    """Put the earlier version back in every stage that has the new one, and see it arrive."""
    from bootstrap.rotation.secrets import command

    _show(command.roll_back(stack, secret, console), json_)


@app.command()
def status(secret: Secret, *, stack: Stack = DEFAULT_STACK, json_: AsJson = False) -> None:
    """How far the last run is."""
    from bootstrap.rotation.secrets import command

    _show(command.status(stack, secret, console), json_)


@app.command()
def abandon(secret: Secret, *, stack: Stack = DEFAULT_STACK) -> None:
    """Forget the last run; the manager and the clusters stay as they are."""
    from bootstrap.rotation.secrets import command

    command.abandon(stack, secret, console)


def _show(run: "RunRecord", as_json: bool) -> None:
    from bootstrap.rotation.secrets import report

    if as_json:
        print(json.dumps(report.to_json(run), indent=2))
    else:
        report.show(run, console)
