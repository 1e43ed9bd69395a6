"""The commands `sealed …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    import httpx2

app = typer.Typer(help="The keys of Sealed Secrets, and what is sealed with them.", no_args_is_help=True)
Environment = Annotated[str, typer.Argument(help="The environment: its SOPS recipients can open the backups.")]
Kubeconfig = Annotated[Path, typer.Option(help="Its cluster.")]
Namespace = Annotated[str, typer.Option(help="The namespace of the controller and its keys.")]
Root = Annotated[Path, typer.Option("--path", help="The folder of sops-recipients.yaml and .sops.yaml.")]
NAMESPACE = "sealed-secrets"
console = Console(stderr=True)


@app.command()
def backup(
    environment: Environment, kubeconfig: Kubeconfig, namespace: Namespace = NAMESPACE, root: Root = Path()
) -> None:
    """Encrypt every key of the cluster that has no backup into secrets/<environment>/, and publish the certificate."""
    from bootstrap.kubernetes_api import answering, connect
    from bootstrap.sealed import backup as backing_up
    from bootstrap.sealed.keys import active_keys

    with answering(connect(str(kubeconfig))) as http:
        keys = active_keys(http, namespace)
    for key in backing_up.unsaved(root, environment, keys):
        console.print(f"wrote {backing_up.save(root, environment, key, console)}")
    console.print(f"{len(keys)} keys have a backup")
    if keys:
        console.print(f"wrote {backing_up.publish(root, environment, keys[-1])}")


@app.command()
def certificate(
    environment: Environment, kubeconfig: Kubeconfig, namespace: Namespace = NAMESPACE, root: Root = Path()
) -> None:
    """Write the newest key's certificate to sealed-secrets/<environment>.pem, for `kubeseal --cert`."""
    from bootstrap.errors import BootstrapError
    from bootstrap.kubernetes_api import answering, connect
    from bootstrap.sealed import backup as backing_up
    from bootstrap.sealed.keys import active_keys

    with answering(connect(str(kubeconfig))) as http:
        keys = active_keys(http, namespace)
    if not keys:
        raise BootstrapError(f"namespace {namespace}", "it has no sealing key", "start the controller, or restore one")
    if backing_up.unsaved(root, environment, keys[-1:]):
        raise BootstrapError(
            f"key {keys[-1]['metadata']['name']}",
            "it has no backup, and what is sealed with it would be lost with the cluster",
            f"run `python -m bootstrap sealed backup {environment}`",
        )
    console.print(f"wrote {backing_up.publish(root, environment, keys[-1])}")


@app.command()
def restore(
    environment: Environment, kubeconfig: Kubeconfig, namespace: Namespace = NAMESPACE, root: Root = Path()
) -> None:
    """Put every key that has a backup into a cluster, and start its controller again; nothing is written to disk."""
    from bootstrap.errors import BootstrapError
    from bootstrap.kubernetes_api import answering, connect
    from bootstrap.sealed import backup as backing_up
    from bootstrap.sealed.keys import active_keys

    files = backing_up.backups(root, environment)
    if not files:
        raise BootstrapError(f"environment {environment}", "it has no backup of a sealing key", "run `sealed backup`")
    with answering(connect(str(kubeconfig))) as http:
        _apply(http, root, files, namespace)
        bare = backing_up.unsaved(root, environment, active_keys(http, namespace))
    for key in bare:
        console.print(f"key {key['metadata']['name']} is the cluster's own and has no backup: run `sealed backup`")


@app.command()
def renew(
    environment: Environment, kubeconfig: Kubeconfig, namespace: Namespace = NAMESPACE, root: Root = Path()
) -> None:
    """Make a new key, back it up, put it into the cluster out of that backup, and publish its certificate."""
    from bootstrap.errors import BootstrapError
    from bootstrap.kubernetes_api import answering, connect
    from bootstrap.sealed import backup as backing_up
    from bootstrap.sealed.keys import active_keys, new_key

    with answering(connect(str(kubeconfig))) as http:
        keys = active_keys(http, namespace)
        if backing_up.unsaved(root, environment, keys):
            mend = f"run `python -m bootstrap sealed backup {environment}`"
            raise BootstrapError(f"environment {environment}", "a key of its cluster has no backup", mend)
        made = new_key(namespace, keys)
        file = backing_up.save(root, environment, made, console)
        console.print(f"wrote {file}")
        _apply(http, root, [file], namespace)
    console.print(f"wrote {backing_up.publish(root, environment, made)}")


@app.command()
def reseal(
    files: Annotated[list[Path], typer.Argument(help="Files of SealedSecrets.")],
    kubeconfig: Kubeconfig,
    namespace: Namespace = NAMESPACE,
) -> None:
    """Encrypt SealedSecrets with the newest key, by the controller, so that older keys are no longer needed."""
    from bootstrap.sealed.reseal import reseal as run

    for file in files:
        run(file, kubeconfig=kubeconfig, namespace=namespace, console=console)
        console.print(f"sealed {file} again")


def _apply(http: "httpx2.Client", root: Path, files: list[Path], namespace: str) -> None:
    from bootstrap.sealed import backup as backing_up
    from bootstrap.sealed.controller import restart
    from bootstrap.sops.apply import apply

    backing_up.check(root, files)
    for file in files:
        for key in apply(http, root, file, console):
            console.print(f"applied key {key}")
    if not restart(http, namespace):
        console.print("no controller runs yet: it finds the keys when it starts")
