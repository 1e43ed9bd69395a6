"""The real sops and age, the guarded KMS of the local AWS, and the real API server."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from bootstrap.canaries.canary import of_text
from bootstrap.canaries.place import Outcome, Place, searched
from bootstrap.canaries.places.processes import Watch
from bootstrap.canaries.search import Search
from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from tests.cluster.control_plane.conftest import NAMES
from tests.local_stack import eventually
from tests.sops_repository import VALUE, SopsRepository

DEPLOYER = "arn:aws:iam::123456789012:user/deployer"


@pytest.fixture
def repository(tmp_path: Path) -> SopsRepository:
    return SopsRepository.create(tmp_path)


def read(api: httpx2.Client, name: str) -> tuple[str, str]:
    secret = api.get(f"/api/v1/namespaces/default/secrets/{name}").raise_for_status().json()
    return base64.b64decode(secret["data"]["password"]).decode(), secret["metadata"]["managedFields"][0]["manager"]


def test_age(repository: SopsRepository, plane: ControlPlane, api: httpx2.Client) -> None:
    prod, nonprod, next_ = (repository.age_key(name) for name in ("prod", "nonprod", "next"))
    repository.recipients(prod={"age": [prod]}, nonprod={"age": [nonprod]})
    file, other = repository.encrypt("prod"), repository.encrypt("nonprod")
    assert VALUE not in file.read_text() + other.read_text()
    repository.bootstrap("check")

    kubeconfig = ("--kubeconfig", str(plane.kubeconfig))
    repository.by_age_key("nonprod").bootstrap("apply", "prod", *kubeconfig, fails=True)
    assert api.get("/api/v1/namespaces/default/secrets/registry-prod").status_code == 404
    with Watch() as watch:

        @eventually(60)  # processes are sampled: sops is done in some hundredths of a second, so one run may be missed
        def applied_and_seen() -> None:
            repository.by_age_key("prod").bootstrap("apply", "prod", *kubeconfig)
            assert any(b"decrypt" in given for _, given in watch.seen.copy())

        applied_and_seen()
    seen = searched(
        Place(name="processes", read=lambda: watch.seen, control=b"decrypt"),
        Search([of_text("the value", VALUE.encode()), of_text("the age key", repository.stored("prod"))]),
    )
    assert seen.outcome is Outcome.CLEAN, seen.evidence  # sops ran, and neither value was in its arguments
    assert read(api, "registry-prod") == (VALUE, "secrets-bootstrap-sops")
    assert api.get("/api/v1/namespaces/default/secrets/registry-nonprod").status_code == 404

    # Rotation: the next key comes in and the first goes out, with the data key that it had opened.
    before = yaml.safe_load(file.read_text())
    repository.recipients(prod={"age": [next_]}, nonprod={"age": [nonprod]})
    refused = repository.bootstrap("check", "secrets/prod/registry.yaml", fails=True)
    assert "no key of environment prod" in " ".join(refused.stderr.split())
    repository.by_age_key("prod").bootstrap("updatekeys", "secrets/prod/registry.yaml")
    repository.bootstrap("check")
    assert yaml.safe_load(file.read_text())["stringData"] != before["stringData"]
    assert not repository.by_age_key("prod").opens(file)
    assert repository.by_age_key("next").opens(file)


def test_a_file_of_the_wrong_environment_is_not_applied(repository: SopsRepository, plane: ControlPlane) -> None:
    prod, nonprod = (repository.age_key(name) for name in ("prod", "nonprod"))
    repository.recipients(prod={"age": [prod]}, nonprod={"age": [nonprod]})
    file = repository.encrypt("nonprod")
    (repository.root / "secrets" / "prod").mkdir()
    file.rename(repository.root / "secrets" / "prod" / "moved.yaml")
    kubeconfig = ("--kubeconfig", str(plane.kubeconfig))
    refused = repository.by_age_key("nonprod").bootstrap("apply", "prod", *kubeconfig, fails=True)
    assert "no key of environment prod" in " ".join(refused.stderr.split())


def test_aws_kms(
    repository: SopsRepository, plane: ControlPlane, api: httpx2.Client, aws: LocalAws, deployer: Any
) -> None:
    """A key of its own, whose policy admits a user; the guard refuses the same file once the policy does not."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [_statement(["kms:PutKeyPolicy", "kms:Encrypt", "kms:Decrypt"])],
    }
    kms = deployer("kms")
    key = kms.create_key(
        Policy=json.dumps(policy), Tags=[{"TagKey": k, "TagValue": v} for k, v in NAMES.tags().items()]
    )["KeyMetadata"]["Arn"]
    repository = repository.by(**aws.deployer_environment())
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
