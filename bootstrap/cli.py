"""The command line: what each command does is in the module it calls."""

import errno
import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bootstrap.errors import BootstrapError
from bootstrap.rotation.commands import app as rotate
from bootstrap.sealed.commands import app as sealed
from bootstrap.sops.commands import app as sops

if TYPE_CHECKING:
    from bootstrap.canaries.report import Searched
    from bootstrap.proof.report import Proof
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
app.add_typer(sops, name="sops")
app.add_typer(rotate, name="rotate")
app.add_typer(sealed, name="sealed")
Stack = Annotated[str, typer.Option(help="The stack in stacks/ to work on.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of a table.")]
Html = Annotated[Path | None, typer.Option(help="Also write a self-contained HTML report to this file.")]
Durable = Annotated[list[str] | None, typer.Option(help="An environment that must be protected from deletion.")]
console = Console(stderr=True)


@app.command()
def setup() -> None:
    """Have every program that any stack runs: from PATH, an official release, or a pinned build."""
    from bootstrap.toolchain import policy_engine
    from bootstrap.toolchain.install import install
    from bootstrap.toolchain.tools import MODULES

    console.print(f"tools: {install(console, MODULES)}")
    policy_engine.install()


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
def prove(stack: Stack = DEFAULT_STACK, json_: AsJson = False, html: Html = None) -> None:
    """Attack a running stack and say who refused; exit code 1 if anything was let through or could not be tried."""
    from bootstrap.lifecycle import prove as run

    proof = run(stack, console)
    if html is not None:
        html.write_text(proof.to_html())
        console.print(f"report: {html}")
    _finish(proof, json_)


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
def leaks(
    *,
    path: Annotated[Path, typer.Option(help="A folder in the Git repository to search.")] = Path(),
    staged: Annotated[bool, typer.Option("--staged", help="Only what the next commit changes, for a hook.")] = False,
    history: Annotated[bool, typer.Option(help="Search every version in the history too.")] = True,
    commits: Annotated[str | None, typer.Option(help="Of the history only these, such as main..HEAD.")] = None,
    json_: AsJson = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF for code hosts.")] = False,
    stack: Annotated[str | None, typer.Option(help="Follow the secrets of this running stack instead.")] = None,
    also: Annotated[list[Path] | None, typer.Option(help="With --stack: search this file or folder too.")] = None,
) -> None:
    """Search a repository for secret material, or a running stack for its own secrets; exit code 1 if any is found."""
    if stack is not None:
        from bootstrap.lifecycle import search

        _finish(search(stack, console, also or []), json_)
        return
    from bootstrap.leaks import report
    from bootstrap.leaks.scan import scan

    result = scan(path, staged=staged, with_history=history, commits=commits, console=console)
    if json_ or sarif:
        print(json.dumps(report.to_sarif(result) if sarif else report.to_json(result), indent=2))
    else:
        report.to_text(result, console)
    if result.findings:
        raise typer.Exit(1)


class RotationStep(StrEnum):
    """The steps of a rotation, in order; `check` and `rewrite` are all that a key needs which changes by itself."""

    CHECK = "check"
    ADD = "add"
    PROMOTE = "promote"
    REWRITE = "rewrite"
    REMOVE = "remove"


@app.command("rotate-etcd")
def rotate_etcd(
    step: Annotated[RotationStep, typer.Argument(help="check, add, promote, rewrite or remove.")],
    *,
    stack: Stack = DEFAULT_STACK,
    cluster: Annotated[str | None, typer.Option(help="The cluster of the stack.")] = None,
    kubeconfig: Annotated[Path | None, typer.Option(help="Another cluster than one of this machine.")] = None,
    configuration: Annotated[
        Path | None, typer.Option(help="With --kubeconfig: your copy of its EncryptionConfiguration.")
    ] = None,
    provider: Annotated[str | None, typer.Option(help="add, promote, remove: the KMS provider's name.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="add: the plugin's socket, unix:///….")] = None,
    plugin: Annotated[Path | None, typer.Option(help="add, on this machine: the plugin's static pod.")] = None,
) -> None:
    """Rotate the key that encrypts etcd, one step at a time; each step refuses to begin before it is safe."""
    from bootstrap.rotation.etcd.command import Request, run

    run(
        Request(
            step=step,
            stack=stack,
            cluster=cluster,
            kubeconfig=kubeconfig,
            configuration=configuration,
            provider=provider,
            endpoint=endpoint,
            plugin=plugin,
        ),
        console,
    )


@app.command()
def policies(
    stack: Stack = DEFAULT_STACK,
    durable: Durable = None,
    one_state: Annotated[bool, typer.Option(help="A durable environment may share a state, and so its key.")] = False,
) -> None:
    """Preview a stack under the policy pack; exit code 1 if it breaks a rule."""
    from bootstrap.lifecycle import open_stack
    from bootstrap.policies import preview_under_policies

    print(preview_under_policies(open_stack(stack, console).engine, durable or [], one_state=one_state))


@app.command("state-keys")
def state_keys(
    path: Annotated[Path, typer.Option(help="The folder of the stacks' files, Pulumi.<stack>.yaml.")] = Path(),
    durable: Annotated[list[str], typer.Option(help="An environment that shares no key.")] = ["prod"],  # noqa: B006
) -> None:
    """Refuse stacks of different environments whose states one key encrypts; exit code 1 if there are any."""
    from bootstrap.state_keys import check

    console.print(f"{check(path, durable)} stacks: no state of {', '.join(durable)} shares its key")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def pulumi(context: typer.Context, stack: Stack = DEFAULT_STACK) -> None:
    """Run the stack's own Pulumi with its backend and plugins, for example: pulumi stack export."""
    from bootstrap.lifecycle import open_stack

    engine = open_stack(stack, console).engine
    os.chdir(engine.program)
    os.execve(engine.tools / "pulumi", ["pulumi", *context.args], engine.environment())  # noqa: S606


def _finish(report: "Report | Proof | Searched", as_json: bool) -> None:
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
