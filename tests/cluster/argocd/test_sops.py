"""SOPS, then adopt: a Secret of `sops apply` becomes the operator's under the same name, and is never gone between."""

from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from bootstrap.verification.environment import EnvironmentView
from tests.cluster.argocd.conftest import SECRETS, Program, argocd_sees, watched
from tests.sops_repository import SopsRepository

NAME, URL = "repository-adopted", "git@git.test:team/adopted.git"
ADOPTED = f"""
ArgoCdSecrets(
    "argocd",
    ArgoCdSecretsArgs(
        namespace="argocd",
        store_name="prod",
        timeout_seconds=60,
        repositories={{
            "adopted": ArgoRepository(url={URL!r}, credential=SshKey(remote_key="platform/prod/argocd/platform"))
        }},
    ),
    hub,
)
"""


def encrypted(folder: Path) -> SopsRepository:
    """A bootstrap repository with a key of its own for Argo CD: another than the one in the manager."""
    repository = SopsRepository.create(folder)
    repository.recipients(prod={"age": [repository.age_key("prod")]})
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAME, "namespace": "argocd", "labels": labels},
        "stringData": {"type": "git", "url": URL, "sshPrivateKey": key.decode()},
    }
    file = repository.root / "secrets" / "prod" / "argocd.yaml"
    file.parent.mkdir(parents=True)
    done = repository.sops(
        "encrypt", "--filename-override", "secrets/prod/argocd.yaml", "/dev/stdin", stdin=yaml.safe_dump(secret)
    )
    assert done.returncode == 0, done.stderr
    file.write_text(done.stdout)
    return repository.by_age_key("prod")


def fingerprint(view: EnvironmentView) -> str:
    (found,) = [one for one in argocd_sees(view)["Repositories"] if one["URL"] == URL]
    assert not found["Error"]
    return found["Fingerprint"]


def test_the_operator_takes_a_secret_of_sops_over_without_a_gap(beside: Program, tmp_path: Path) -> None:
    view, repository = beside.view, encrypted(tmp_path)
    in_the_manager = {one["URL"]: one for one in argocd_sees(view)["Repositories"]}[
        "git@git.example.com:platform/deploy.git"
    ]["Fingerprint"]
    with watched(view, NAME) as events:
        repository.bootstrap("apply", "prod", "--kubeconfig", str(view.references["kubeconfigPath"]))
        applied = view.get(f"{SECRETS}/{NAME}")
        from_the_file = fingerprint(view)
        assert from_the_file.startswith("SHA256:")
        assert from_the_file != in_the_manager

        beside.up(ADOPTED)
        adopted = view.get(f"{SECRETS}/{NAME}")
        assert adopted["metadata"]["uid"] == applied["metadata"]["uid"], "it is the same Secret all along"
        assert adopted["metadata"]["ownerReferences"][0]["kind"] == "ExternalSecret"
        assert fingerprint(view) == in_the_manager
    assert events[0][0] == "ADDED"
    assert {kind for kind, _ in events} <= {"ADDED", "MODIFIED"}
    assert all(usable for _, usable in events), events
