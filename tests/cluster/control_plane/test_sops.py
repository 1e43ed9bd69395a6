"""The real sops and age, the guarded KMS of the local AWS, and the real API server."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.toolchain.folders import tools_dir
from tests.cluster.control_plane.conftest import NAMES
from tests.local_stack import BOOTSTRAP, REPOSITORY

VALUE = os.urandom(12).hex()
DEPLOYER = "arn:aws:iam::123456789012:user/deployer"


class Repository:
    """A repository with SOPS files, and whoever works in it."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root, self.identities, self.environment = root, root.parent / "manager", environment
        self.identities.mkdir()

    def age_key(self, name: str) -> str:
        """The manager is a folder here; what stores the key is a command that reads it from its input."""
        command = ["sh", "-c", f"cat > {self.identities / name}"]
        return self.bootstrap("age-key", "--", *command).stdout.strip()

    def recipients(self, **environments: Any) -> None:
        (self.root / "sops-recipients.yaml").write_text(yaml.safe_dump(environments))
        self.bootstrap("config")

    def encrypt(self, environment: str) -> Path:
        """As a person does, by a pipe: the plain text is never a file."""
        file = self.root / "secrets" / environment / "registry.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"name": f"registry-{environment}", "namespace": "default"}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": VALUE}}
        relative = str(file.relative_to(self.root))
        done = self.sops("encrypt", "--filename-override", relative, "/dev/stdin", stdin=yaml.safe_dump(secret))
        assert done.returncode == 0, done.stderr
        file.write_text(done.stdout)
        return file

    def sops(self, *arguments: str, stdin: str = "", as_: str | None = None) -> Any:
        return self._run([str(tools_dir() / "sops"), *arguments], stdin, as_)

    def bootstrap(self, *arguments: str, as_: str | None = None, fails: bool = False) -> Any:
        done = self._run([*BOOTSTRAP, "sops", *arguments], "", as_)
        assert (done.returncode != 0) == fails, done.stderr
        assert VALUE not in done.stdout + done.stderr
        return done

    def _run(self, command: list[str], stdin: str, as_: str | None) -> Any:
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(REPOSITORY)}
        if as_ is not None:
            environment["SOPS_AGE_KEY_CMD"] = f"cat {self.identities / as_}"
        return subprocess.run(
            command, cwd=self.root, env=environment, input=stdin, capture_output=True, text=True, check=False
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    root = tmp_path / "repository"
    root.mkdir()
    return Repository(root, {})


def read(api: httpx2.Client, name: str) -> tuple[str, str]:
    secret = api.get(f"/api/v1/namespaces/default/secrets/{name}").raise_for_status().json()
    return base64.b64decode(secret["data"]["password"]).decode(), secret["metadata"]["managedFields"][0]["manager"]


def test_age(repository: Repository, plane: ControlPlane, api: httpx2.Client) -> None:
    prod, nonprod, next_ = (repository.age_key(name) for name in ("prod", "nonprod", "next"))
    repository.recipients(prod={"age": [prod]}, nonprod={"age": [nonprod]})
    file, other = repository.encrypt("prod"), repository.encrypt("nonprod")
    assert VALUE not in file.read_text() + other.read_text()
    repository.bootstrap("check")

    kubeconfig = ("--kubeconfig", str(plane.kubeconfig))
    repository.bootstrap("apply", "prod", *kubeconfig, as_="nonprod", fails=True)
    assert api.get("/api/v1/namespaces/default/secrets/registry-prod").status_code == 404
    repository.bootstrap("apply", "prod", *kubeconfig, as_="prod")
    assert read(api, "registry-prod") == (VALUE, "secrets-bootstrap-sops")
    assert api.get("/api/v1/namespaces/default/secrets/registry-nonprod").status_code == 404

    # Rotation: the next key comes in and the first goes out, with the data key that it had opened.
    before = yaml.safe_load(file.read_text())
    repository.recipients(prod={"age": [next_]}, nonprod={"age": [nonprod]})
    refused = repository.bootstrap("check", "secrets/prod/registry.yaml", fails=True)
    assert "no key of environment prod" in " ".join(refused.stderr.split())
    repository.bootstrap("updatekeys", "secrets/prod/registry.yaml", as_="prod")
    repository.bootstrap("check")
    assert yaml.safe_load(file.read_text())["stringData"] != before["stringData"]
    assert repository.sops("decrypt", str(file), as_="prod").returncode != 0
    assert VALUE in repository.sops("decrypt", str(file), as_="next").stdout


def test_a_file_of_the_wrong_environment_is_not_applied(repository: Repository, plane: ControlPlane) -> None:
    prod, nonprod = (repository.age_key(name) for name in ("prod", "nonprod"))
    repository.recipients(prod={"age": [prod]}, nonprod={"age": [nonprod]})
    file = repository.encrypt("nonprod")
    (repository.root / "secrets" / "prod").mkdir()
    file.rename(repository.root / "secrets" / "prod" / "moved.yaml")
    refused = repository.bootstrap("apply", "prod", "--kubeconfig", str(plane.kubeconfig), as_="nonprod", fails=True)
    assert "no key of environment prod" in " ".join(refused.stderr.split())


def test_aws_kms(tmp_path: Path, plane: ControlPlane, api: httpx2.Client, aws: LocalAws, deployer: Any) -> None:
    """A key of its own, whose policy admits a user; the guard refuses the same file once the policy does not."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [_statement(["kms:PutKeyPolicy", "kms:Encrypt", "kms:Decrypt"])],
    }
    kms = deployer("kms")
    key = kms.create_key(
        Policy=json.dumps(policy), Tags=[{"TagKey": k, "TagValue": v} for k, v in NAMES.tags().items()]
    )["KeyMetadata"]["Arn"]
    root = tmp_path / "repository"
    root.mkdir()
    environment = {**aws.deployer_environment(), "AWS_ENDPOINT_URL": aws.endpoint, "AWS_REGION": NAMES.region}
    repository = Repository(root, environment)
    repository.recipients(prod={"kms": [key]})
    repository.encrypt("prod")
    repository.bootstrap("apply", "prod", "--kubeconfig", str(plane.kubeconfig))
    assert read(api, "registry-prod")[0] == VALUE

    policy["Statement"] = [_statement(["kms:PutKeyPolicy", "kms:Encrypt"])]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    refused = repository.bootstrap("apply", "prod", "--kubeconfig", str(plane.kubeconfig), fails=True)
    assert "AccessDenied" in refused.stderr


def _statement(actions: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": DEPLOYER}, "Action": actions, "Resource": "*"}
