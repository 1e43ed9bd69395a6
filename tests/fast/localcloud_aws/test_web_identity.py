"""AssumeRoleWithWebIdentity: the issuer's signature, its pinned server, the audience, the trust policy."""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore import UNSIGNED
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bootstrap.localcloud.aws import issuers
from components.aws.names import NODE_ROLE
from tests.fast.localcloud_aws.world import World, refusal

OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_the_rightful_token_becomes_the_role(world: World) -> None:
    given = world.assume(world.prod)
    assert given["AssumedRoleUser"]["Arn"].endswith(":assumed-role/platform-prod-external-secrets/test")
    assert given["SubjectFromWebIdentityToken"] == "system:serviceaccount:external-secrets:external-secrets"
    sts = world.client("sts", world.session("platform-prod-external-secrets"))
    assert sts.get_caller_identity()["Arn"] == given["AssumedRoleUser"]["Arn"]


@pytest.mark.parametrize(
    ("code", "claims"),
    [
        ("ExpiredTokenException", {"exp": int(time.time()) - 1}),
        ("InvalidIdentityToken", {"nbf": int(time.time()) + 300}),
        ("InvalidIdentityToken", {"exp": None}),
        ("InvalidIdentityToken", {"aud": ["vault"]}),
        ("InvalidIdentityToken", {"iss": "https://127.0.0.1:1"}),
        ("InvalidIdentityToken", {"iss": "http://127.0.0.1:1"}),
        ("InvalidIdentityToken", {"key": OTHER_KEY}),
        ("InvalidIdentityToken", {"key": OTHER_KEY, "kid": "unknown"}),
        ("InvalidIdentityToken", {"key": "a shared secret of thirty-two bytes", "algorithm": "HS256"}),
        ("InvalidIdentityToken", {"key": "", "algorithm": "none"}),
        ("AccessDenied", {"sub": "system:serviceaccount:external-secrets:default"}),
        ("AccessDenied", {"sub": "system:serviceaccount:apps:external-secrets"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_every_other_token_is_refused(world: World, code: str, claims: dict[str, Any]) -> None:
    assert refusal(world.assume, world.prod, **claims) == code
    assert world.assume(world.prod)


def test_the_public_key_is_no_shared_secret(world: World) -> None:
    """The classic confusion: a token signed by HMAC with the public key as the secret."""
    public = world.prod.issuer.keys["first"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    _, payload, _ = world.prod.issuer.token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"first"}').rstrip(b"=").decode()
    mac = hmac.new(pem, f"{head}.{payload}".encode(), hashlib.sha256).digest()
    forged = f"{head}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert refusal(present, world, forged) == "InvalidIdentityToken"


def present(world: World, token: str, role: str = "external-secrets", **more: Any) -> Any:
    return world.client("sts", UNSIGNED).assume_role_with_web_identity(
        RoleArn=world.prod.names.role_arn(role), RoleSessionName="test", WebIdentityToken=token, **more
    )


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"])
def test_garbage_is_no_token(world: World, token: str) -> None:
    assert refusal(present, world, token) == "InvalidIdentityToken"


def test_a_token_of_the_other_cluster_is_refused(world: World) -> None:
    """Its issuer has no provider here: that environment uses Pod Identity."""
    assert refusal(present, world, world.nonprod.issuer.token()) == "InvalidIdentityToken"


def test_a_role_that_trusts_somebody_else_refuses(world: World) -> None:
    token = world.prod.issuer.token()
    assert refusal(present, world, token, role=NODE_ROLE) == "AccessDenied"
    assert refusal(present, world, token, role="absent") == "AccessDenied"
    assert present(world, token)


def test_sessions_are_no_longer_than_the_role_allows(world: World) -> None:
    token = world.prod.issuer.token()
    assert present(world, token, DurationSeconds=900)
    assert refusal(present, world, token, DurationSeconds=7200) == "ValidationError"


def test_session_policies_are_refused_and_not_ignored(world: World) -> None:
    assert refusal(present, world, world.prod.issuer.token(), Policy="{}" + " " * 10) == "UnsupportedOperation"


@contextmanager
def provider_as(world: World, **changes: list[str]) -> Iterator[None]:
    """The issuer's OIDC provider with other properties, for a while."""
    host = world.prod.issuer.url.removeprefix("https://")
    provider = world.guard.cloud.iam.open_id_providers[f"arn:aws:iam::123456789012:oidc-provider/{host}"]
    before = dict(vars(provider))
    vars(provider).update(changes)
    try:
        yield
    finally:
        vars(provider).update(before)


def test_the_issuers_server_is_the_pinned_one(world: World) -> None:
    with provider_as(world, thumbprint_list=["0" * 40]):
        assert refusal(world.assume, world.prod) == "IDPCommunicationError"
    with provider_as(world, thumbprint_list=[world.nonprod.issuer.thumbprint]):
        assert refusal(world.assume, world.prod) == "IDPCommunicationError"
    assert world.assume(world.prod)


def test_the_audience_must_be_a_client_of_the_provider(world: World) -> None:
    with provider_as(world, client_id_list=["vault"]):
        assert refusal(world.assume, world.prod) == "InvalidIdentityToken"
        assert refusal(world.assume, world.prod, aud=["vault"]) == "AccessDenied"  # the trust policy asks for STS's


def test_without_a_provider_no_token_is_trusted(world: World) -> None:
    iam = world.client("iam")
    arn = f"arn:aws:iam::123456789012:oidc-provider/{world.prod.issuer.url.removeprefix('https://')}"
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    try:
        assert refusal(world.assume, world.prod) == "InvalidIdentityToken"
    finally:
        iam.create_open_id_connect_provider(
            Url=world.prod.issuer.url,
            ClientIDList=["sts.amazonaws.com"],
            ThumbprintList=[world.prod.issuer.thumbprint],
        )
    assert world.assume(world.prod)


def test_keys_are_kept_and_a_new_one_is_fetched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = world.prod.issuer
    world.assume(world.prod)
    before = issuer.fetches
    world.assume(world.prod)
    assert issuer.fetches == before
    issuer.keys["second"] = OTHER_KEY
    try:
        assert refusal(world.assume, world.prod, key=OTHER_KEY, kid="second") == "InvalidIdentityToken"  # too soon
        monkeypatch.setattr(issuers, "_REFETCH_SECONDS", 0.0)
        assert world.assume(world.prod, key=OTHER_KEY, kid="second")
    finally:
        del issuer.keys["second"]
