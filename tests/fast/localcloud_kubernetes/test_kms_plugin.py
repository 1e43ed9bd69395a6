"""The KMS plugin on its socket, against KMS by moto: what it encrypts, what it refuses, what it says when KMS fails."""

import argparse
import base64
import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import grpc
import pytest
from botocore.exceptions import ClientError

from bootstrap.localcloud.kubernetes.kms import messages
from bootstrap.localcloud.kubernetes.kms.aws import AwsKey, parse_context
from bootstrap.localcloud.kubernetes.kms.service import (
    KeyUnusableError,
    KmsService,
    parse_address,
    serve_health,
    serve_socket,
)

SECRET = b"a data encryption key"


@pytest.fixture
def kms(moto: str) -> Any:
    connect: Any = boto3.Session("x", "x", region_name="eu-west-1").client
    return connect("kms", endpoint_url=moto)


@pytest.fixture
def key(kms: Any) -> str:
    return kms.create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def plugin(kms: Any, key: str) -> KmsService:
    return KmsService(AwsKey(kms, key, {"environment": "prod"}))


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    return tmp_path / "socket.sock"


@pytest.fixture
def channel(plugin: KmsService, socket: Path) -> Iterator[grpc.Channel]:
    server = serve_socket(plugin, socket)
    with grpc.insecure_channel(f"unix://{socket}") as opened:
        yield opened
    server.stop(grace=None).wait()


def call(channel: grpc.Channel, method: str, request: Any, answer: Any) -> Any:
    invoke = channel.unary_unary(
        f"/v2.KeyManagementService/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=answer.FromString,
    )
    return invoke(request, timeout=5)


def disable(kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer as KMS does for a disabled key; moto would go on encrypting."""

    def refuse(**_arguments: Any) -> Any:
        raise ClientError({"Error": {"Code": "DisabledException", "Message": "the key is disabled"}}, "Encrypt")

    monkeypatch.setattr(kms, "encrypt", refuse)


def test_messages_are_those_of_the_real_api() -> None:
    """Field numbers and wire types of k8s.io/kms, written by hand."""
    request = messages.DecryptRequest(ciphertext=b"c", uid="u", key_id="k", annotations={"a": b"b"})
    assert request.SerializeToString() == b"\x0a\x01c\x12\x01u\x1a\x01k\x22\x06\x0a\x01a\x12\x01b"
    assert messages.StatusResponse(version="v2", healthz="ok", key_id="k").SerializeToString() == (
        b"\x0a\x02v2\x12\x02ok\x1a\x01k"
    )
    assert messages.EncryptResponse(ciphertext=b"c", key_id="k").SerializeToString() == b"\x0a\x01c\x12\x01k"
    assert messages.EncryptRequest(plaintext=b"p", uid="u").SerializeToString() == b"\x0a\x01p\x12\x01u"
    assert messages.DecryptResponse(plaintext=b"p").SerializeToString() == b"\x0a\x01p"


def test_what_it_encrypts_it_decrypts_and_it_names_the_key(channel: grpc.Channel, key: str) -> None:
    request = messages.EncryptRequest(plaintext=SECRET, uid="1")
    encrypted = call(channel, "Encrypt", request, messages.EncryptResponse)
    assert encrypted.key_id == key
    assert SECRET not in encrypted.ciphertext
    assert base64.b64encode(SECRET) not in encrypted.ciphertext
    request = messages.DecryptRequest(ciphertext=encrypted.ciphertext, uid="2", key_id=encrypted.key_id)
    assert call(channel, "Decrypt", request, messages.DecryptResponse).plaintext == SECRET


def test_status_names_the_key(channel: grpc.Channel, key: str) -> None:
    status = call(channel, "Status", messages.StatusRequest(), messages.StatusResponse)
    assert (status.version, status.healthz, status.key_id) == ("v2", "ok", key)


def test_the_encryption_context_counts(kms: Any, key: str) -> None:
    made = AwsKey(kms, key, {"environment": "prod"}).encrypt(SECRET)
    with pytest.raises(KeyUnusableError, match="InvalidCiphertextException"):
        AwsKey(kms, key, {"environment": "nonprod"}).decrypt(made.ciphertext)


def test_a_disabled_key_is_said_without_values(
    channel: grpc.Channel, kms: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    disable(kms, monkeypatch)
    status = call(channel, "Status", messages.StatusRequest(), messages.StatusResponse)
    assert "DisabledException" in status.healthz
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, "Encrypt", messages.EncryptRequest(plaintext=SECRET, uid="1"), messages.EncryptResponse)
    assert "DisabledException" in str(caught.value)
    assert "DisabledException" in caplog.text
    assert SECRET.decode() not in caplog.text + str(caught.value)


def test_health_follows_the_key(plugin: KmsService, kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve_health(plugin, ("127.0.0.1", 0))
    try:
        assert _get(server.server_port, "/healthz") == (200, "ok")
        disable(kms, monkeypatch)
        status, body = _get(server.server_port, "/healthz")
        assert status == 500
        assert "DisabledException" in body
        assert _get(server.server_port, "/other")[0] == 404
    finally:
        server.shutdown()


def _get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_socket_of_a_killed_predecessor_is_no_obstacle(plugin: KmsService, socket: Path) -> None:
    socket.write_text("stale")
    server = serve_socket(plugin, socket)
    try:
        assert socket.is_socket()
        assert socket.stat().st_mode & 0o777 == 0o600
    finally:
        server.stop(grace=None).wait()


def test_flags() -> None:
    assert parse_context("environment=prod,a=b=c") == {"environment": "prod", "a": "b=c"}
    assert parse_context("") == {}
    with pytest.raises(argparse.ArgumentTypeError):
        parse_context("environment")
    assert parse_address(":8083") == parse_address("8083") == ("127.0.0.1", 8083)
    with pytest.raises(argparse.ArgumentTypeError):
        parse_address("8083x")
