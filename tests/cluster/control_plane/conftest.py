"""One control plane on a local AWS for the whole session, made as `up` makes it: with the library's own policies."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx2
import pytest

from bootstrap.kubernetes_api import connect
from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.localcloud.kubernetes.control_plane import ControlPlane
from bootstrap.toolchain.folders import tools_dir
from components.aws import policies
from components.aws.names import NODE_ROLE, AwsNames
from components.aws.trust import service_trust
from tests.cluster.control_plane.helpers import Encryption, leftovers
from tests.local_stack import free_port_base

NAMES = AwsNames(prefix="platform", environment="prod", account_id="123456789012", region="eu-west-1")


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def port_base() -> int:
    """The local AWS's port; the blocks of the clusters follow it."""
    return int(os.environ.get("SECRETS_BOOTSTRAP_TEST_PORT_BASE", "0")) or free_port_base()


@pytest.fixture(scope="session")
def aws(state: Path, port_base: int) -> Iterator[LocalAws]:
    local = LocalAws(state / "aws", port_base)
    local.start()
    yield local
    local.stop()


@pytest.fixture(scope="session")
def deployer(aws: LocalAws) -> Any:
    """A function from a service's name to a client with the deployer's credentials."""
    environment = aws.deployer_environment()
    session = boto3.Session(
        environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name=NAMES.region
    )
    connect_to: Any = session.client
    return lambda service: connect_to(service, endpoint_url=aws.endpoint)


@pytest.fixture(scope="session")
def encryption(deployer: Any) -> Encryption:
    """The node's role, and a key that only this role may use."""
    iam, kms = deployer("iam"), deployer("kms")
    document = json.dumps(
        policies.node_etcd_key_policy(NAMES, administrators=["arn:aws:iam::123456789012:user/deployer"])
    )
    keys = [
        kms.create_key(Policy=document, Tags=[{"TagKey": k, "TagValue": v} for k, v in NAMES.tags().items()])
        for _ in range(2)
    ]
    first, second = (key["KeyMetadata"]["Arn"] for key in keys)
    tags = [{"Key": key, "Value": value} for key, value in NAMES.tags().items()]
    trust = json.dumps(service_trust("ec2.amazonaws.com"))
    role = iam.create_role(RoleName=NAMES.role_name(NODE_ROLE), AssumeRolePolicyDocument=trust, Tags=tags)
    for number, arn in enumerate((first, second)):
        policy = json.dumps(policies.node_policy(NAMES, etcd_key_arn=arn))
        iam.put_role_policy(
            RoleName=NAMES.role_name(NODE_ROLE), PolicyName=f"encrypt-etcd-{number}", PolicyDocument=policy
        )
    return Encryption(names=NAMES, key_arn=first, second_key_arn=second, node_role_arn=role["Role"]["Arn"])


@pytest.fixture(scope="session")
def plane(state: Path, aws: LocalAws, port_base: int, encryption: Encryption) -> Iterator[ControlPlane]:
    made = encryption.create(state, "prod", aws, tools_dir(), port_base + 20)
    yield made
    made.delete()
    assert leftovers(made.directory) == []
    assert not made.directory.exists()
    assert ControlPlane.existing(state, aws) == []
    shutil.rmtree(state / "clusters")


@pytest.fixture(scope="session")
def api(plane: ControlPlane) -> Iterator[httpx2.Client]:
    """The cluster as its administrator."""
    with connect(str(plane.kubeconfig)) as http:
        yield http
