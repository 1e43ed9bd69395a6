"""kill -9 in the middle of `up`: the next run recovers, creates nothing twice and leaks nothing. Then destroy."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import psutil
import pytest

from bootstrap.kubernetes_api import connect
from tests.engine.killable import Killable
from tests.local_stack import environment_of, free_port_base


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Own"]:
    directory = tmp_path_factory.mktemp("killed")
    with environment_of(directory, free_port_base()) as variables:
        own = Own("local", directory, variables)
        yield own
        own.clear()


class Own(Killable):
    """A stack of this module's own."""

    def aws(self, service: str) -> Any:
        given = self.local.cloud.deployer_environment()
        connect: Any = boto3.Session(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]).client
        return connect(service, region_name="eu-west-1", endpoint_url=self.local.cloud.endpoint)

    def kms_keys(self) -> list[dict[str, str]]:
        kms = self.aws("kms")
        states = []
        for key in kms.list_keys()["Keys"]:
            state = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
            tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]}
            states.append({"state": state, **tags})
        return states


def test_killed_twice_then_recovered_then_destroyed(own: Own) -> None:
    own.kill_while_creating("aws:kms/key:Key", lambda: bool(own.kms_keys()))
    assert own.pending()
    leaked = len(own.kms_keys())

    # What a kill leaves now and then: the attributes beside the checkpoint, cut short.
    attributes = own.directory / "backend" / ".pulumi" / "stacks" / "secrets-bootstrap" / "local.json.attrs"
    assert attributes.exists()
    attributes.write_text("")
    recovered = own.bootstrap("recover")
    assert recovered.returncode == 0, recovered.stderr
    assert not own.pending()
    recorded = [one for one in own.local.engine.export()["deployment"]["resources"] if one["type"] == "aws:kms/key:Key"]
    assert len([one for one in own.kms_keys() if one["state"] == "Enabled"]) == len(recorded)
    assert leaked > len(recorded), "the kill left nothing to recover, so this test proved nothing"

    own.kill_while_creating("kubernetes:helm.sh/v3:Release", lambda: _releases(own) > 0)

    up = own.bootstrap("up", "--json")  # recovers by itself
    assert up.returncode == 0, up.stderr
    assert json.loads(up.stdout)["passed"] is True
    own.local.engine.up("--expect-no-changes", capture=True)

    enabled = Counter(
        (one["secrets-bootstrap/environment"], one["secrets-bootstrap/key"])
        for one in own.kms_keys()
        if one["state"] == "Enabled"
    )
    assert enabled == {(env, key): 1 for env in ("prod", "nonprod") for key in ("secrets", "etcd", "tenants")}

    own.local.engine.operate("destroy", "--yes", "--skip-preview", capture=True)
    assert_nothing_is_left(own)
    clusters = own.directory / "clusters"
    assert not clusters.exists() or not list(clusters.iterdir())

    down = own.bootstrap("down")
    assert down.returncode == 0, down.stderr
    assert not own.directory.exists()
    assert [one.pid for one in psutil.process_iter() if str(own.directory) in " ".join(_command(one))] == []


def assert_nothing_is_left(own: Own) -> None:
    """Asked from the cloud itself: an engine that says "deleted" is no proof."""
    assert {one["state"] for one in own.kms_keys()} == {"PendingDeletion"}
    assert own.aws("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"] == []
    assert [role["RoleName"] for role in own.aws("iam").list_roles()["Roles"] if "platform" in role["RoleName"]] == []
    assert own.aws("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    aliases = own.aws("kms").list_aliases()["Aliases"]
    assert [alias for alias in aliases if alias["AliasName"].startswith("alias/platform/")] == []


def _releases(own: Own) -> int:
    """Helm releases that stand in either cluster."""
    count = 0
    for plane in own.local.control_planes():
        with connect(str(plane.kubeconfig)) as api:
            query = "/api/v1/secrets?labelSelector=owner%3Dhelm%2Cstatus%3Ddeployed"
            count += len(api.get(query).raise_for_status().json()["items"])
    return count


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
