"""Roles for CI: the guard verifies signed tokens in the platforms' shape, iam-simulate judges trust and rights."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import UNSIGNED
from cryptography.hazmat.primitives.asymmetric import rsa

from bootstrap.localcloud.aws import issuers
from bootstrap.localcloud.aws.authorization import Need
from bootstrap.localcloud.aws.sessions import Session
from bootstrap.localcloud.aws.wire import ACCOUNT
from components.aws.ci import ci_trust, registry_policy
from components.aws.names import issuer_host
from components.aws.statements import to_json
from components.ci import CiSubject
from tests.fast.components import samples_ci
from tests.fast.localcloud_aws.world import World, refusal

# STS compares no claims but `sub` and `aud` for GitLab: the component refuses that subject.
NAMES = sorted(samples_ci.SUBJECTS.keys() - {"gitlab environment"})
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
def platforms(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platforms' published keys are the test issuer's: there is no way to their servers from here."""
    public = {name: key.public_key() for name, key in world.prod.issuer.keys.items()}
    monkeypatch.setattr(issuers, "_fetch_keys", lambda issuer, anchor: public)


@pytest.fixture(params=NAMES)
def subject(world: World, request: pytest.FixtureRequest) -> Iterator[tuple[str, CiSubject]]:
    """A role that trusts one subject."""
    subject = samples_ci.SUBJECTS[request.param]
    with_provider(world, subject)
    yield request.param, subject
    iam = world.client("iam")
    iam.delete_role(RoleName="platform-prod-ci-test")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider_arn(subject))


def provider_arn(subject: CiSubject) -> str:
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer_host(str(subject.issuer))}"


def trust_of(subject: CiSubject) -> dict[str, Any]:
    return ci_trust(subject, provider_arn=provider_arn(subject), issuer_url=str(subject.issuer))


def with_provider(world: World, subject: CiSubject) -> None:
    iam = world.client("iam")
    iam.create_open_id_connect_provider(
        Url=subject.issuer, ClientIDList=[subject.audience or "sts.amazonaws.com", "another"], ThumbprintList=["0" * 40]
    )
    trust = trust_of(subject)
    tags = [{"Key": key, "Value": value} for key, value in world.prod.names.tags().items()]
    iam.create_role(RoleName="platform-prod-ci-test", AssumeRolePolicyDocument=to_json(trust), Tags=tags)


def assume(world: World, claims: dict[str, Any], **more: Any) -> Any:
    token = world.prod.issuer.token(**{"kubernetes.io": None, **claims, **more})
    return world.client("sts", UNSIGNED).assume_role_with_web_identity(
        RoleArn=world.prod.names.role_arn("ci-test"), RoleSessionName="job", WebIdentityToken=token
    )


def test_the_subjects_jobs_and_no_others_take_the_role(world: World, subject: tuple[str, CiSubject]) -> None:
    name, _ = subject
    for claims in samples_ci.ADMITTED[name]:
        assert assume(world, claims)["SubjectFromWebIdentityToken"] == claims["sub"]
        assert refusal(assume, world, claims, key=OTHER_KEY) == "InvalidIdentityToken"
        assert refusal(assume, world, claims, aud="another") == "AccessDenied"
    for claims in samples_ci.REFUSED[name]:
        assert refusal(assume, world, claims) == "AccessDenied", claims


# Without the trust's control the same attack is let in, so it was this control that refused it.
SUB, AUD = (f"{issuer_host(str(samples_ci.BRANCH.issuer))}:{name}" for name in ("sub", "aud"))
ATTACKS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a fork": (samples_ci.github("mallory@9/shop@8"), {SUB: None}),
    "another repository": (samples_ci.github("acme@123456/other@7"), {SUB: "repo:acme@123456/*"}),
    "another branch": (samples_ci.github(end="ref:refs/heads/other"), {SUB: "repo:acme@123456/shop@456789:*"}),
    "a pull request": (samples_ci.github(end="pull_request"), {SUB: "repo:acme@123456/shop@456789:*"}),
    "another audience": (samples_ci.github(aud="another"), {AUD: None}),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_is_refused_by_the_trust_and_by_nothing_else(world: World, attack: str) -> None:
    claims, control = ATTACKS[attack]
    with_provider(world, samples_ci.BRANCH)
    iam, role = world.client("iam"), "platform-prod-ci-test"
    try:
        assert refusal(assume, world, claims) == "AccessDenied"
        trust = trust_of(samples_ci.BRANCH)
        compared = {**trust["Statement"][0]["Condition"]["StringEquals"], **control}
        kept = {name: value for name, value in compared.items() if value is not None}
        trust["Statement"][0]["Condition"] = {"StringLike": kept}
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=to_json(trust))
        assert assume(world, claims)["SubjectFromWebIdentityToken"] == claims["sub"]
    finally:
        iam.delete_role(RoleName=role)
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider_arn(samples_ci.BRANCH))


SHOP = samples_ci.ECR
OTHER = SHOP.replace("shop", "other")


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"pull": [SHOP], "push": []}, {("ecr:BatchGetImage", SHOP), ("ecr:GetAuthorizationToken", "*")}),
        (
            {"pull": [], "push": [SHOP]},
            {("ecr:BatchGetImage", SHOP), ("ecr:PutImage", SHOP), ("ecr:GetAuthorizationToken", "*")},
        ),
        (
            {"pull": [OTHER], "push": [SHOP]},
            {
                ("ecr:BatchGetImage", SHOP),
                ("ecr:BatchGetImage", OTHER),
                ("ecr:PutImage", SHOP),
                ("ecr:GetAuthorizationToken", "*"),
            },
        ),
    ],
)
def test_rights_end_at_the_named_repositories(
    world: World, given: dict[str, list[str]], allowed: set[tuple[str, str]]
) -> None:
    subject = samples_ci.BRANCH
    with_provider(world, subject)
    iam, role = world.client("iam"), "platform-prod-ci-test"
    iam.put_role_policy(RoleName=role, PolicyName="registry", PolicyDocument=to_json(registry_policy(**given)))
    made = world.guard.cloud.role(role)
    assert made is not None
    session = Session(role_arn=made.arn, role_id=made.id, name="job", expires=int(time.time()) + 600)
    actions = ("ecr:BatchGetImage", "ecr:PutImage", "ecr:BatchDeleteImage", "ecr:SetRepositoryPolicy")
    asked = {(action, arn) for action in actions for arn in (SHOP, OTHER)} | {("ecr:GetAuthorizationToken", "*")}
    try:
        assert {
            (action, resource)
            for action, resource in asked
            if world.guard._authorizer.allows_with(
                session.principal, "eu-west-1", Need(action=action, resource=resource)
            )
        } == allowed
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="registry")
        iam.delete_role(RoleName=role)
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider_arn(subject))
