"""EKS Pod Identity: the agent gives a role to the associated service account of its own cluster, and to nobody else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bootstrap.localcloud.aws.metadata import AGENT_AUDIENCE
from bootstrap.localcloud.aws.sessions import SessionCredentials
from components.aws.trust import pod_identity_trust, service_trust
from tests.fast.localcloud_aws.issuer import Issuer
from tests.fast.localcloud_aws.world import OPERATOR, VALUE, Environment, World, refusal

OTHER_ACCOUNT = "system:serviceaccount:apps:default"


def ask(world: World, cluster: str, issuer: Issuer, **claims: Any) -> tuple[int, dict[str, Any]]:
    token = issuer.token(**{"aud": [AGENT_AUDIENCE], **claims})
    answer = world.http.get(f"/_agent/{cluster}/v1/credentials", headers={"Authorization": token})
    return answer.status_code, answer.json()


def given(world: World, environment: Environment) -> SessionCredentials:
    status, body = ask(world, environment.cluster, environment.issuer)
    assert status == 200
    return SessionCredentials(body["AccessKeyId"], body["SecretAccessKey"], body["Token"], body["Expiration"])


def test_the_associated_account_becomes_the_role(world: World) -> None:
    credentials = given(world, world.nonprod)
    arn = world.client("sts", credentials).get_caller_identity()["Arn"]
    assert ":assumed-role/platform-nonprod-external-secrets/eks-nonprod-" in arn
    manager = world.client("secretsmanager", credentials)
    assert manager.get_secret_value(SecretId=world.nonprod.secret("canary"))["SecretString"] == VALUE
    assert refusal(manager.get_secret_value, SecretId=world.prod.secret("canary")) == "AccessDeniedException"


def test_the_session_carries_the_tags_of_eks(world: World) -> None:
    world.client("sts", given(world, world.nonprod)).get_caller_identity()
    assert world.guard.audit.entries()[-1]["tags"] == {
        "eks-cluster-arn": world.nonprod.names.cluster_arn("nonprod"),
        "eks-cluster-name": "nonprod",
        "kubernetes-namespace": "external-secrets",
        "kubernetes-service-account": "external-secrets",
        "kubernetes-pod-name": "pod-1",
        "kubernetes-pod-uid": "uid-1",
    }


@pytest.mark.parametrize(
    ("code", "claims"),
    [
        ("AccessDeniedException", {"sub": OTHER_ACCOUNT}),
        ("AccessDeniedException", {"sub": "system:serviceaccount:external-secrets:default"}),
        ("InvalidTokenException", {"sub": "system:node:node-1"}),
        ("InvalidIdentityToken", {"aud": ["sts.amazonaws.com"]}),
        ("ExpiredTokenException", {"exp": 1}),
        ("InvalidIdentityToken", {"iss": "https://127.0.0.1:1"}),
    ],
)
def test_other_tokens_get_nothing(world: World, code: str, claims: dict[str, Any]) -> None:
    status, body = ask(world, "nonprod", world.nonprod.issuer, **claims)
    assert (status >= 400, body["__type"]) == (True, code)


def test_each_cluster_answers_for_itself(world: World) -> None:
    assert ask(world, "nonprod", world.prod.issuer)[1]["__type"] == "InvalidIdentityToken"
    assert ask(world, "prod", world.prod.issuer)[1]["__type"] == "AccessDeniedException"  # it has no association
    assert ask(world, "absent", world.prod.issuer)[1]["__type"] == "ResourceNotFoundException"
    assert world.http.get("/_agent/nonprod/v1/credentials").status_code == 400
    garbage = world.http.get("/_agent/nonprod/v1/credentials", headers={"Authorization": "garbage"})
    assert garbage.json()["__type"] == "InvalidIdentityToken"


@contextmanager
def trusting(world: World, **changes: str) -> Iterator[None]:
    """The role trusts another pod for a while."""
    names = world.nonprod.names
    right = {"cluster_arn": names.cluster_arn("nonprod"), **OPERATOR}
    role = names.role_name("external-secrets")
    world.trust(role, pod_identity_trust(**{**right, **changes}))
    try:
        yield
    finally:
        world.trust(role, pod_identity_trust(**right))


@pytest.mark.parametrize(
    "changes",
    [{"cluster_arn": "arn:aws:eks:eu-west-1:123456789012:cluster/prod"}, {"namespace": "x"}, {"service_account": "x"}],
)
def test_the_roles_trust_has_the_last_word(world: World, changes: dict[str, str]) -> None:
    with trusting(world, **changes):
        assert ask(world, "nonprod", world.nonprod.issuer)[1]["__type"] == "AccessDeniedException"
    assert given(world, world.nonprod)


def test_a_role_that_lets_no_tags_in_is_refused(world: World) -> None:
    """Pod Identity needs sts:TagSession beside sts:AssumeRole."""
    role = world.nonprod.names.role_name("external-secrets")
    document = service_trust(AGENT_AUDIENCE)
    with trusting(world):
        world.trust(role, document)
        assert ask(world, "nonprod", world.nonprod.issuer)[1]["__type"] == "AccessDeniedException"
        document["Statement"][0]["Action"] = ["sts:AssumeRole", "sts:TagSession"]
        world.trust(role, document)
        assert given(world, world.nonprod)


def test_a_removed_association_gives_nothing(world: World) -> None:
    eks = world.client("eks")
    (one,) = eks.list_pod_identity_associations(clusterName="nonprod", namespace="external-secrets")["associations"]
    eks.delete_pod_identity_association(clusterName="nonprod", associationId=one["associationId"])
    assert ask(world, "nonprod", world.nonprod.issuer)[1]["__type"] == "AccessDeniedException"
    world.associate(world.nonprod)
    assert given(world, world.nonprod)


def test_the_association_api(world: World) -> None:
    eks, account = world.client("eks"), {"namespace": "apps", "serviceAccount": "reader"}
    role = world.prod.role_arn
    made = eks.create_pod_identity_association(clusterName="prod", roleArn=role, tags={"a": "b"}, **account)
    made = made["association"]
    which = {"clusterName": "prod", "associationId": made["associationId"]}
    assert eks.describe_pod_identity_association(**which)["association"] == made
    assert made["tags"] == {"a": "b"}
    assert refusal(eks.create_pod_identity_association, clusterName="prod", roleArn=role, **account) == (
        "ResourceInUseException"
    )
    other = world.prod.names.role_arn("node")
    assert eks.update_pod_identity_association(**which, roleArn=other)["association"]["roleArn"] == other
    eks.tag_resource(resourceArn=made["associationArn"], tags={"c": "d"})
    eks.untag_resource(resourceArn=made["associationArn"], tagKeys=["a"])
    assert eks.list_tags_for_resource(resourceArn=made["associationArn"])["tags"] == {"c": "d"}
    assert eks.list_pod_identity_associations(clusterName="prod")["associations"][0]["serviceAccount"] == "reader"
    assert eks.list_pod_identity_associations(clusterName="nonprod", namespace="apps")["associations"] == []
    eks.delete_pod_identity_association(**which)
    assert refusal(eks.describe_pod_identity_association, **which) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("InvalidParameterException", {"roleArn": "arn:aws:iam::123456789012:role/absent"}),
        ("ResourceNotFoundException", {"clusterName": "absent"}),
        ("UnsupportedOperation", {"targetRoleArn": "arn:aws:iam::123456789012:role/other"}),
    ],
)
def test_an_association_that_cannot_work(world: World, code: str, changes: dict[str, str]) -> None:
    right = {"clusterName": "prod", "namespace": "a", "serviceAccount": "b", "roleArn": world.prod.role_arn}
    assert refusal(world.client("eks").create_pod_identity_association, **{**right, **changes}) == code


def test_who_associates_a_role_must_be_allowed_to_pass_it(world: World) -> None:
    iam, node = world.client("iam"), world.prod.names.role_name("node")
    eks = world.client("eks", world.session(node))
    right = {"clusterName": "prod", "namespace": "a", "serviceAccount": "b", "roleArn": world.prod.role_arn}
    create = {"Effect": "Allow", "Action": "eks:*", "Resource": "*"}
    give = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": world.prod.role_arn}
    for statements, code in (([create], "AccessDeniedException"), ([create, give], None)):
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=node, PolicyName="more", PolicyDocument=document)
        if code:
            assert refusal(eks.create_pod_identity_association, **right) == code
    made = eks.create_pod_identity_association(**right)["association"]
    eks.delete_pod_identity_association(clusterName="prod", associationId=made["associationId"])
    iam.delete_role_policy(RoleName=node, PolicyName="more")


def test_a_cluster_is_in_one_region(world: World) -> None:
    eks = world.client("eks", region="us-east-1")
    assert refusal(eks.list_pod_identity_associations, clusterName="prod") == "ResourceNotFoundException"
