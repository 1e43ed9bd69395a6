"""SealedSecrets encrypted anew with the newest key, by the controller itself: their values never come here."""

import subprocess
from pathlib import Path

import yaml
from rich.console import Console

from bootstrap.errors import BootstrapError
from bootstrap.sealed.controller import NAME
from bootstrap.toolchain.install import install
from bootstrap.toolchain.tools import SEALED_SECRETS


def reseal(file: Path, *, kubeconfig: Path, namespace: str, console: Console) -> None:
    """Replace one file by the same SealedSecrets under the newest key, once the controller says that it can open it."""
    _require_sealed(file)
    place = ["--kubeconfig", str(kubeconfig), "--controller-namespace", namespace, "--controller-name", NAME]
    form = "json" if file.suffix == ".json" else "yaml"
    sealed = _kubeseal(file, console, [*place, "--re-encrypt", "--format", form], file.read_text())
    _kubeseal(file, console, [*place, "--validate"], sealed)
    file.write_text(sealed)


def _kubeseal(file: Path, console: Console, arguments: list[str], stdin: str) -> str:
    command = [str(install(console, (SEALED_SECRETS,)) / "kubeseal"), *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BootstrapError(
            str(file),
            done.stderr.strip()[-1500:],
            "the file is as it was; the API server has to reach the controller's pod, and you its services/proxy",
        )
    return done.stdout


def _require_sealed(file: Path) -> None:
    """`kubeseal` takes anything for a SealedSecret; a plain Secret shall not even be sent."""
    try:
        documents = [one for one in yaml.safe_load_all(file.read_text()) if one is not None]
    except OSError as error:
        raise BootstrapError(str(file), error.strerror or "it cannot be read", "name a file of SealedSecrets") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        documents = []
    kinds = {(one.get("apiVersion"), one.get("kind")) if isinstance(one, dict) else None for one in documents}
    if kinds != {("bitnami.com/v1alpha1", "SealedSecret")}:
        raise BootstrapError(str(file), "it holds something else than SealedSecrets", "name files of SealedSecrets")
