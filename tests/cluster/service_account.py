"""A program outside the cluster that is one of its service accounts."""

import base64
from pathlib import Path

import yaml

from bootstrap.localcloud.kubernetes import kubeconfigs
from bootstrap.paths import write_private
from bootstrap.verification.environment import EnvironmentView


def kubeconfig_of(view: EnvironmentView, directory: Path, *, namespace: str, name: str) -> Path:
    """A kubeconfig in `directory` with a token of the account, which ends after 10 minutes, in a file beside it."""
    token = write_private(directory / "token", view.service_account_token(namespace=namespace, name=name))
    config = yaml.safe_load(Path(view.references["kubeconfigPath"]).read_text())["clusters"][0]["cluster"]
    authority = directory / "ca.pem"
    authority.write_bytes(base64.b64decode(config["certificate-authority-data"]))
    return kubeconfigs.write_with_token(
        directory / "kubeconfig", server=config["server"], authority=authority, user=name, token=token
    )
