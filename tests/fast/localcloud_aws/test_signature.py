"""Who calls: every signed call is recomputed, and a session is only as good as its token."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bootstrap.localcloud.aws.sessions import SessionCredentials
from components.aws.statements import to_json
from components.aws.trust import service_trust
from tests.fast.localcloud_aws.world import REGION, World, refusal

BODY = b'{"SecretId":"platform/prod/canary"}'
ROLE = "platform-prod-external-secrets"


def signed(
    world: World, credentials: Any, body: bytes = BODY, host: str = "", target: str = "DescribeSecret"
) -> AWSRequest:
    """A request for Secrets Manager, signed by an SDK's own signer."""
    headers = {
        "X-Amz-Target": f"secretsmanager.{target}",
        "Content-Type": "application/x-amz-json-1.1",
        "Host": host or world.endpoint.removeprefix("http://"),
    }
    request = AWSRequest("POST", world.endpoint + "/", headers, data=body)
    SigV4Auth(credentials, "secretsmanager", REGION).add_auth(request)
    return request


def send(
    world: World, request: AWSRequest, body: bytes = BODY, headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    answer: httpx2.Response = world.http.post(
        "/", content=body, headers={**dict(request.headers.items()), **(headers or {})}
    )
    return answer.status_code, answer.json().get("__type", "")


@pytest.fixture
def deployer(world: World) -> Credentials:
    key = world.guard.credentials.deployer
    return Credentials(key.id, key.secret)


def test_a_call_that_arrives_as_it_was_signed(world: World, deployer: Credentials) -> None:
    assert send(world, signed(world, deployer)) == (200, "")


def test_a_call_that_was_changed_on_the_way(world: World, deployer: Credentials) -> None:
    good = signed(world, deployer)
    assert send(world, good, b'{"SecretId":"platform/nonprod/canary"}') == (400, "InvalidSignatureException")
    changed = {"X-Amz-Target": "secretsmanager.DeleteSecret"}
    assert send(world, good, headers=changed) == (400, "InvalidSignatureException")
    assert send(world, good, headers={"X-Amz-New": "header"}) == (400, "IncompleteSignatureException")
    assert send(world, good, headers={"Host": world.server.hosts[1]}) == (400, "InvalidSignatureException")
    assert send(world, good, headers={"Host": "elsewhere"}) == (403, "AccessDeniedException")
    assert (
        send(world, good, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=x"})[1]
        == "IncompleteSignatureException"
    )
    assert send(world, good) == (200, "")


def test_a_body_that_claims_to_be_unsigned(world: World, deployer: Credentials) -> None:
    request = AWSRequest("POST", world.endpoint + "/", dict(signed(world, deployer).headers.items()), data=BODY)
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    del request.headers["Authorization"]
    SigV4Auth(deployer, "secretsmanager", REGION).add_auth(request)
    assert send(world, request) == (400, "InvalidSignatureException")


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_call_of_another_time(
    world: World, deployer: Credentials, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: then)
    assert send(world, signed(world, deployer)) == (400, "InvalidSignatureException")


def test_a_wrong_secret(world: World, deployer: Credentials) -> None:
    wrong = Credentials(deployer.access_key, "wrong")
    assert send(world, signed(world, wrong)) == (400, "InvalidSignatureException")
    assert send(world, signed(world, deployer)) == (200, "")


def test_each_protocol_has_its_own_words(world: World) -> None:
    wrong = Credentials(world.guard.credentials.deployer.id, "wrong")
    assert refusal(client(world, "sts", wrong).get_caller_identity) == "SignatureDoesNotMatch"
    assert refusal(client(world, "kms", wrong).list_keys) == "InvalidSignatureException"
    assert refusal(client(world, "eks", wrong).list_pod_identity_associations, clusterName="prod") == (
        "InvalidSignatureException"
    )


def client(world: World, service: str, credentials: Any) -> Any:
    return world.client(
        service, SessionCredentials(credentials.access_key, credentials.secret_key, credentials.token or "", "")
    )


def test_a_key_that_nobody_holds(world: World) -> None:
    nobody = Credentials("AKIAAAAAAAAAAAAAAAAA", "x")
    assert send(world, signed(world, nobody)) == (400, "UnrecognizedClientException")
    assert refusal(client(world, "sts", nobody).get_caller_identity) == "InvalidClientTokenId"


def test_a_call_without_a_signature(world: World) -> None:
    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1"}
    answer = world.http.post("/", content=BODY, headers=headers)
    assert answer.json()["__type"] == "MissingAuthenticationTokenException"
    answer = world.http.post("/", data={"Action": "GetCallerIdentity", "Version": "2011-06-15"})
    assert "MissingAuthenticationToken" in answer.text


def test_a_session_needs_its_own_token(world: World) -> None:
    mine, other = world.session(ROLE), world.session(ROLE)
    good = Credentials(mine.access_key_id, mine.secret_access_key, mine.token)
    assert client(world, "sts", good).get_caller_identity()
    for token in (None, other.token, "garbage", mine.token[:-4] + "AAAA"):
        bad = Credentials(mine.access_key_id, mine.secret_access_key, token)
        assert send(world, signed(world, bad))[1] == "UnrecognizedClientException"
    wrong = Credentials(mine.access_key_id, other.secret_access_key, mine.token)
    assert send(world, signed(world, wrong))[1] == "InvalidSignatureException"


def test_the_deployers_key_takes_no_token(world: World, deployer: Credentials) -> None:
    token = world.session(ROLE).token
    mixed = Credentials(deployer.access_key, deployer.secret_key, token)
    assert send(world, signed(world, mixed))[1] == "UnrecognizedClientException"


def test_a_session_ends(world: World) -> None:
    assert world.client("sts", world.session(ROLE, seconds=60)).get_caller_identity()
    over = world.session(ROLE, seconds=-1)
    assert refusal(world.client("sts", over).get_caller_identity) == "ExpiredToken"
    assert refusal(world.client("secretsmanager", over).list_secrets) == "ExpiredTokenException"


def test_a_session_dies_with_its_role(world: World) -> None:
    iam = world.client("iam")
    trust = to_json(service_trust("ec2.amazonaws.com"))
    iam.create_role(RoleName="short-lived", AssumeRolePolicyDocument=trust)
    session = world.session("short-lived")
    assert world.client("sts", session).get_caller_identity()
    iam.delete_role(RoleName="short-lived")
    assert refusal(world.client("sts", session).get_caller_identity) == "InvalidClientTokenId"
    iam.create_role(RoleName="short-lived", AssumeRolePolicyDocument=trust)
    assert refusal(world.client("sts", session).get_caller_identity) == "InvalidClientTokenId"
    iam.delete_role(RoleName="short-lived")


@pytest.mark.parametrize(
    ("service", "call", "parameters"),
    [
        ("kms", "retire_grant", {"KeyId": "x", "GrantId": "x"}),
        ("secretsmanager", "batch_get_secret_value", {"SecretIdList": ["x"]}),
        ("iam", "create_user", {"UserName": "x"}),
        ("sts", "get_session_token", {}),
        ("eks", "delete_cluster", {"name": "prod"}),
        ("eks", "describe_cluster", {"name": "prod"}),
        ("ssm", "get_parameter", {"Name": "x"}),
    ],
)
def test_what_the_guard_does_not_know_is_refused(
    world: World, service: str, call: str, parameters: dict[str, Any]
) -> None:
    assert "UnsupportedOperation" in refusal(getattr(world.client(service), call), **parameters)


def test_moto_reads_what_was_judged_and_nothing_else(world: World) -> None:
    """Moto takes a parameter from the query or from a form before it looks into the JSON that the guard judged."""
    manager, mine, other = world.operator(world.prod), world.prod.secret("canary"), world.nonprod.secret("canary")
    session = world.session(ROLE)
    credentials = Credentials(session.access_key_id, session.secret_access_key, session.token)

    def read(path: str, body: bytes, content_type: str) -> httpx2.Response:
        headers = {
            "X-Amz-Target": "secretsmanager.GetSecretValue",
            "Content-Type": content_type,
            "Host": world.endpoint.removeprefix("http://"),
        }
        request = AWSRequest("POST", world.endpoint + path, headers, data=body)
        SigV4Auth(credentials, "secretsmanager", REGION).add_auth(request)
        return world.http.post(path, content=body, headers=dict(request.headers.items()))

    plain, form = "application/x-amz-json-1.1", "application/x-www-form-urlencoded"
    right = json.dumps({"SecretId": mine}).encode()
    assert read("/", right, plain).json()["Name"] == mine
    assert read(f"/?SecretId={other}", right, plain).status_code == 400
    smuggled = json.dumps({"SecretId": mine, "x": f"&SecretId={other}&"}).encode()
    assert read("/", smuggled, form).json()["Name"] == mine
    assert manager.get_secret_value(SecretId=mine)["Name"] == mine


def test_a_request_cannot_reach_moto_past_the_guard(world: World) -> None:
    for path in ("/moto-api/data.json", "/moto-api/reset", "/"):
        assert world.http.get(path).status_code >= 400
        assert world.http.post(path, content=json.dumps({})).status_code >= 400
