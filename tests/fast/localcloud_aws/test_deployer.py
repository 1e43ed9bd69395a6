"""The deployer: what `up` needs it may, and it may nothing that would make it somebody else or show it a value."""

import json
from typing import Any

import pytest

from bootstrap.localcloud.aws.deployer_policy import deployer_policy
from components.aws.names import OPERATOR_ROLE
from components.aws.statements import to_json
from components.aws.trust import service_trust
from tests.fast.localcloud_aws.world import DEPLOY_KEY, DEPLOYER, World, refusal


def test_it_becomes_no_role(world: World) -> None:
    """Not even one whose trust policy would let it in."""
    iam, sts = world.client("iam"), world.client("sts")
    root = "arn:aws:iam::123456789012:root"
    account = {"Effect": "Allow", "Principal": {"AWS": [root, DEPLOYER]}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [account]})
    iam.create_role(RoleName="open", AssumeRolePolicyDocument=document)
    for arn in ("arn:aws:iam::123456789012:role/open", world.prod.role_arn, "arn:aws:iam::123456789012:role/absent"):
        assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="test") == "AccessDenied"
    # The rightful call: a role that may, by its own policy.
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::123456789012:role/open"}
    node = world.prod.names.role_name("node")
    allowed = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_role_policy(RoleName=node, PolicyName="more", PolicyDocument=allowed)
    chained = world.client("sts", world.session(node)).assume_role(
        RoleArn="arn:aws:iam::123456789012:role/open", RoleSessionName="test"
    )
    assert chained["AssumedRoleUser"]["Arn"].endswith(":assumed-role/open/test")
    iam.delete_role_policy(RoleName=node, PolicyName="more")
    iam.delete_role(RoleName="open")


def test_it_reads_no_value_but_the_deploy_key(world: World) -> None:
    manager = world.client("secretsmanager")
    for environment in (world.prod, world.nonprod):
        for name in ("canary", "database", "tenants/acme"):
            container = environment.secret(name)
            assert manager.describe_secret(SecretId=container)["Name"] == container
            assert refusal(manager.get_secret_value, SecretId=container) == "AccessDeniedException"
            assert refusal(manager.put_secret_value, SecretId=container, SecretString="x") == "AccessDeniedException"
        assert manager.get_secret_value(SecretId=environment.secret(DEPLOY_KEY))


def test_it_decrypts_nothing_itself(world: World) -> None:
    """Its key policies let it decrypt through Secrets Manager; KMS gives it nothing directly."""
    kms, key = world.client("kms"), world.prod.keys["secrets"]
    arn = world.client("secretsmanager").describe_secret(SecretId=world.prod.secret(DEPLOY_KEY))["ARN"]
    context = {"SecretARN": arn}
    blob = world.guard.cloud.kms("eu-west-1").encrypt(key, b"x", context)[0]
    assert refusal(kms.decrypt, KeyId=key, CiphertextBlob=blob, EncryptionContext=context) == "AccessDeniedException"
    assert refusal(kms.generate_data_key, KeyId=key, KeySpec="AES_256") == "AccessDeniedException"


def test_it_hands_roles_to_eks_and_to_nobody_else() -> None:
    (statement,) = [one for one in deployer_policy()["Statement"] if "iam:PassRole" in one["Action"]]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "pods.eks.amazonaws.com"}}


def test_its_policy_names_every_action_and_no_wildcard() -> None:
    denied, *allowed = deployer_policy()["Statement"]
    assert denied["Effect"] == "Deny"
    for statement in allowed:
        assert statement["Effect"] == "Allow"
        assert not [action for action in statement["Action"] if "*" in action]
        services = {action.split(":")[0] for action in statement["Action"]}
        assert services <= {"kms", "secretsmanager", "dynamodb", "iam", "eks", "route53"}


@pytest.mark.parametrize(
    ("service", "call", "parameters"),
    [
        ("iam", "create_user", {"UserName": "x"}),
        ("iam", "put_user_policy", {"UserName": "deployer", "PolicyName": "deploy", "PolicyDocument": "{}"}),
        ("iam", "create_access_key", {"UserName": "deployer"}),
        ("iam", "create_policy", {"PolicyName": "x", "PolicyDocument": "{}"}),
    ],
)
def test_it_gives_itself_no_more(world: World, service: str, call: str, parameters: dict[str, Any]) -> None:
    refused = refusal(getattr(world.client(service), call), **parameters)
    assert refused in {"AccessDenied", "UnsupportedOperation"}


def test_the_roles_it_makes(world: World) -> None:
    iam = world.client("iam")
    trust = service_trust("ec2.amazonaws.com")
    text = to_json(trust)
    iam.create_role(RoleName="made", AssumeRolePolicyDocument=text, Tags=[{"Key": "a", "Value": "b"}])
    iam.update_role(RoleName="made", Description="changed")
    iam.tag_role(RoleName="made", Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_role(RoleName="made", TagKeys=["a"])
    role = iam.get_role(RoleName="made")["Role"]
    assert (role["Description"], role["Tags"]) == ("changed", [{"Key": "c", "Value": "d"}])
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
    iam.put_role_policy(RoleName="made", PolicyName="p", PolicyDocument=json.dumps(document))
    assert iam.get_role_policy(RoleName="made", PolicyName="p")["PolicyDocument"] == document
    assert iam.list_role_policies(RoleName="made")["PolicyNames"] == ["p"]
    iam.delete_role_policy(RoleName="made", PolicyName="p")
    bad = {**document, "Statement": [{**document["Statement"][0], "Effect": "Maybe"}]}
    assert refusal(iam.put_role_policy, RoleName="made", PolicyName="p", PolicyDocument=json.dumps(bad)) == (
        "MalformedPolicyDocument"
    )
    stranger = {**trust, "Statement": [{**trust["Statement"][0], "Principal": {"AWS": f"{DEPLOYER}-absent"}}]}
    assert refusal(iam.update_assume_role_policy, RoleName="made", PolicyDocument=json.dumps(stranger)) == (
        "MalformedPolicyDocument"
    )
    bounded = {
        "RoleName": "bounded",
        "AssumeRolePolicyDocument": to_json(trust),
        "PermissionsBoundary": "x" * 20,
    }
    assert refusal(iam.create_role, **bounded) == "UnsupportedOperation"
    iam.delete_role(RoleName="made")
    assert refusal(iam.get_role, RoleName="made") == "NoSuchEntity"


def test_the_issuers_it_makes(world: World) -> None:
    iam, url = world.client("iam"), "https://127.0.0.1:1"
    made = iam.create_open_id_connect_provider(
        Url=url, ClientIDList=["a"], ThumbprintList=["0" * 40], Tags=[{"Key": "a", "Value": "b"}]
    )["OpenIDConnectProviderArn"]
    assert made == "arn:aws:iam::123456789012:oidc-provider/127.0.0.1:1"
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=made, ClientID="b")
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=made, ThumbprintList=["1" * 40])
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)
    assert (found["ClientIDList"], found["ThumbprintList"]) == (["a", "b"], ["1" * 40])
    assert iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=made)["Tags"] == [{"Key": "a", "Value": "b"}]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=made)
    assert refusal(iam.create_open_id_connect_provider, Url=url) == "InvalidInput"
    assert refusal(iam.create_open_id_connect_provider, Url=url.replace("https", "http"), ThumbprintList=["0" * 40])


def test_the_operators_role_is_not_its_own(world: World) -> None:
    """The positive side of the refusals above: the operator does read what the deployer cannot."""
    assert world.prod.role_arn.endswith(OPERATOR_ROLE)
    assert world.operator(world.prod).get_secret_value(SecretId=world.prod.secret("database"))
