"""The daemon: what it acknowledged outlives kill -9, and it is known from any other program on its port."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import botocore.session
import psutil
import pytest
from botocore.config import Config

from bootstrap.errors import BootstrapError
from bootstrap.localcloud.aws.client import LocalAws
from bootstrap.processes import recorded_process

SESSION = botocore.session.get_session()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[LocalAws]:
    made = LocalAws(tmp_path / "aws", free_port())
    yield made
    made.stop()


def client(aws: LocalAws, service: str) -> Any:
    given = aws.deployer_environment()
    return SESSION.create_client(
        service,
        region_name="eu-west-1",
        endpoint_url=given["AWS_ENDPOINT_URL"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


def test_nothing_acknowledged_is_lost(aws: LocalAws) -> None:
    assert aws.start() is True
    assert aws.start() is False
    kms, manager, iam, eks = (client(aws, service) for service in ("kms", "secretsmanager", "iam", "eks"))
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/deployer"},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:PutKeyPolicy",
            "kms:EnableKeyRotation",
            "kms:GetKeyRotationStatus",
        ],
        "Resource": "*",
    }
    key = kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=120)
    blob = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    manager.create_secret(Name="x/argocd/kept")
    manager.put_secret_value(SecretId="x/argocd/kept", SecretString="kept")
    trust = {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="kept", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    provider = iam.create_open_id_connect_provider(Url="https://127.0.0.1:1", ThumbprintList=["0" * 40])
    aws.register_cluster("kept", "eu-west-1", "https://127.0.0.1:1", "no certificate", role)
    eks.create_pod_identity_association(clusterName="kept", namespace="a", serviceAccount="b", roleArn=role)

    client(aws, "dynamodb").create_table(
        TableName="kept",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        Tags=[{"Key": "owner", "Value": "test"}],
    )

    process = recorded_process(aws.directory / "local-aws.pid")
    assert process is not None
    children = process.children()
    process.kill()
    process.wait(5)
    assert aws.health() is False
    assert aws.start() is True

    kms, manager, iam = (client(aws, service) for service in ("kms", "secretsmanager", "iam"))
    assert kms.decrypt(KeyId=key, CiphertextBlob=blob)["Plaintext"] == b"kept"
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 120
    assert manager.get_secret_value(SecretId="x/argocd/kept")["SecretString"] == "kept"
    table = client(aws, "dynamodb").describe_table(TableName="kept")["Table"]["TableArn"]
    tags = client(aws, "dynamodb").list_tags_of_resource(ResourceArn=table)["Tags"]
    assert tags == [{"Key": "owner", "Value": "test"}]
    assert iam.get_role(RoleName="kept")["Role"]["Arn"] == role
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["OpenIDConnectProviderArn"])
    association = aws.pod_identity("kept", "a", "b")
    assert association is not None
    assert association["roleArn"] == role
    assert aws.pod_identity("kept", "a", "other") is None
    assert [entry["event"] for entry in aws.audit()].count("kms:CreateKey") == 1
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == [], "the evaluator of the dead daemon still runs"

    aws.deregister("kept")
    assert aws.pod_identity("kept", "a", "b") is None
    with pytest.raises(BootstrapError, match="no-such-service"):
        aws.set_outage(["no-such-service"])

    aws.stop()
    assert aws.health() is False


def test_another_program_on_the_port_is_not_taken_for_it(tmp_path: Path) -> None:
    stranger = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    threading.Thread(target=stranger.serve_forever, args=(0.01,), daemon=True).start()
    port = int(stranger.server_address[1])
    aws = LocalAws(tmp_path / "aws", port)
    with pytest.raises(BootstrapError, match="never started"):
        aws.deployer_environment()
    (tmp_path / "aws").mkdir()
    (tmp_path / "aws" / "admin-token").write_text("x")
    assert aws.health() is False
    with pytest.raises(BootstrapError, match=f"port {port}"):
        aws.start()
    with pytest.raises(BootstrapError, match=f"port {port}"):
        aws.audit()
    stranger.shutdown()
    stranger.server_close()
