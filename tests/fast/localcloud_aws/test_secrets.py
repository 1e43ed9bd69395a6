"""Secrets Manager: IAM, the container's own policy and the key's policy must all agree."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bootstrap.localcloud.aws.wire import ACCOUNT
from components.aws import policies
from components.aws.statements import to_json
from components.aws.trust import service_trust
from tests.fast.localcloud_aws.world import DEPLOY_KEY, DEPLOYER, VALUE, World, refusal

ANYBODY = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}


def test_the_operator_reads_its_environment_and_no_other(world: World) -> None:
    for mine, other in ((world.prod, world.nonprod), (world.nonprod, world.prod)):
        manager = world.operator(mine)
        for name in ("canary", "database", "tenants/acme"):
            assert manager.get_secret_value(SecretId=mine.secret(name))["SecretString"] == VALUE
            assert refusal(manager.get_secret_value, SecretId=other.secret(name)) == "AccessDeniedException"


def test_the_operator_fills_the_canary_and_nothing_else(world: World) -> None:
    manager, prod = world.operator(world.prod), world.prod
    manager.put_secret_value(SecretId=prod.secret("canary"), SecretString=VALUE)
    for name in ("database", "tenants/acme", DEPLOY_KEY):
        assert (
            refusal(manager.put_secret_value, SecretId=prod.secret(name), SecretString="x") == "AccessDeniedException"
        )
    assert refusal(manager.delete_secret, SecretId=prod.secret("canary")) == "AccessDeniedException"
    assert refusal(manager.create_secret, Name="platform/prod/new") == "AccessDeniedException"
    assert refusal(manager.list_secrets) == "AccessDeniedException"


def test_what_does_not_exist_is_told_only_to_those_who_may_ask(world: World) -> None:
    manager = world.operator(world.prod)
    assert refusal(manager.get_secret_value, SecretId=world.prod.secret("absent")) == "ResourceNotFoundException"
    assert refusal(manager.get_secret_value, SecretId=world.nonprod.secret("absent")) == "AccessDeniedException"


def test_an_arn_with_another_end_is_of_no_secret(world: World) -> None:
    """Moto would find the secret by the name in it, past the policy of the secret and of its key."""
    arn = world.client("secretsmanager").describe_secret(SecretId=world.prod.secret("database"))["ARN"]
    manager = world.operator(world.prod)
    assert manager.get_secret_value(SecretId=arn)["ARN"] == arn
    assert manager.get_secret_value(SecretId=arn[:-7])["ARN"] == arn
    assert refusal(manager.get_secret_value, SecretId=f"{arn[:-6]}AAAAAA") == "ResourceNotFoundException"


def test_versions_by_their_stages(world: World) -> None:
    manager, name = world.client("secretsmanager"), world.prod.secret(DEPLOY_KEY)
    old, new = (manager.put_secret_value(SecretId=name, SecretString=text)["VersionId"] for text in ("old", "new"))
    assert manager.get_secret_value(SecretId=name)["SecretString"] == "new"
    assert manager.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "old"
    move = {"VersionStage": "AWSCURRENT", "RemoveFromVersionId": new, "MoveToVersionId": old}
    manager.update_secret_version_stage(SecretId=name, **move)
    assert manager.get_secret_value(SecretId=name)["SecretString"] == "old"
    assert manager.get_secret_value(SecretId=name, VersionId=new)["SecretString"] == "new"
    both = {"VersionId": new, "VersionStage": "AWSCURRENT"}
    assert refusal(manager.get_secret_value, SecretId=name, **both) == "ResourceNotFoundException"
    assert refusal(manager.get_secret_value, SecretId=name, VersionStage="ABSENT") == "ResourceNotFoundException"


def test_an_empty_container_has_no_value(world: World) -> None:
    manager, name = world.client("secretsmanager"), world.prod.secret("empty")
    manager.create_secret(Name=name, KmsKeyId=world.prod.keys["secrets"])
    assert refusal(world.operator(world.prod).get_secret_value, SecretId=name) == "ResourceNotFoundException"
    manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def reader(world: World) -> Any:
    """A role whose IAM policy opens everything: what still refuses it is a resource's own policy."""
    iam = world.client("iam")
    trust = to_json(service_trust("ec2.amazonaws.com"))
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)
    everything = {**ANYBODY, "Action": ["secretsmanager:*", "kms:*"]}
    document = {"Version": "2012-10-17", "Statement": [everything]}
    iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=json.dumps(document))
    yield world.client("secretsmanager", world.session("reader"))
    iam.delete_role_policy(RoleName="reader", PolicyName="all")
    iam.delete_role(RoleName="reader")


def test_the_containers_policy_denies_whatever_iam_says(world: World, reader: Any) -> None:
    manager, name = world.client("secretsmanager"), "platform/open"
    manager.create_secret(Name=name)
    assert refusal(reader.get_secret_value, SecretId=name) == "ResourceNotFoundException"  # allowed, and empty
    document = to_json(policies.secret_policy(world.prod.names, readers=[]))
    manager.put_resource_policy(SecretId=name, ResourcePolicy=document)
    assert refusal(reader.get_secret_value, SecretId=name) == "AccessDeniedException"
    assert reader.describe_secret(SecretId=name)["Name"] == name
    manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


READER = f"arn:aws:iam::{ACCOUNT}:role/reader"


@pytest.fixture
def named(world: World, reader: Any) -> Iterator[None]:
    """The role is a reader of one container under each of prod's two keys, and of no other."""
    names, keys, kms = world.prod.names, world.prod.keys, world.client("kms")
    who: dict[str, Any] = {"administrators": [DEPLOYER], "deployers": [DEPLOYER], "writers": []}
    before = {role: kms.get_key_policy(KeyId=keys[role], PolicyName="default")["Policy"] for role in keys}
    documents = {
        "secrets": policies.secrets_key_policy(
            names, **who, canary="canary", written=[DEPLOY_KEY], readers={"database": [READER]}
        ),
        "tenants": policies.tenants_key_policy(names, **who, readers={"tenants/acme": [READER]}),
    }
    for role, document in documents.items():
        kms.put_key_policy(KeyId=keys[role], PolicyName="default", Policy=to_json(document))
    for name in ("database", "tenants/acme"):
        _let_read(world, name, READER)
    yield
    for role in documents:
        kms.put_key_policy(KeyId=keys[role], PolicyName="default", Policy=before[role])
    for name in ("database", "tenants/acme"):
        _let_read(world, name)


def _let_read(world: World, name: str, *readers: str) -> None:
    document = to_json(policies.secret_policy(world.prod.names, readers=readers))
    world.client("secretsmanager").put_resource_policy(SecretId=world.prod.secret(name), ResourcePolicy=document)


def test_a_named_reader_reads_his_containers_and_no_others(world: World, reader: Any, named: None) -> None:
    secret = world.prod.secret
    for name in ("database", "tenants/acme"):
        assert reader.get_secret_value(SecretId=secret(name))["SecretString"] == VALUE
        assert refusal(reader.put_secret_value, SecretId=secret(name), SecretString="x") == "AccessDeniedException"
    for other in (secret("canary"), secret(DEPLOY_KEY), world.nonprod.secret("database")):
        assert refusal(reader.get_secret_value, SecretId=other) == "AccessDeniedException"
    assert world.operator(world.prod).get_secret_value(SecretId=secret("database"))["SecretString"] == VALUE


def test_nobody_reads_a_readers_container_beside_him(world: World, reader: Any, named: None) -> None:
    iam, name = world.client("iam"), world.prod.secret("database")
    everything = {**ANYBODY, "Action": ["secretsmanager:*", "kms:*"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    trust = to_json(service_trust("ec2.amazonaws.com"))
    iam.create_role(RoleName="other", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="other", PolicyName="all", PolicyDocument=document)
    other = world.client("secretsmanager", world.session("other"))
    assert refusal(other.get_secret_value, SecretId=name) == "AccessDeniedException"
    # The container's policy aside, the key alone still admits the reader only.
    world.client("secretsmanager").delete_resource_policy(SecretId=name)
    assert refusal(other.get_secret_value, SecretId=name) == "AccessDeniedException"
    assert reader.get_secret_value(SecretId=name)["SecretString"] == VALUE
    iam.delete_role_policy(RoleName="other", PolicyName="all")
    iam.delete_role(RoleName="other")


def test_a_reader_decrypts_through_secrets_manager_alone(world: World, reader: Any, named: None) -> None:
    key = world.prod.keys["secrets"]
    arn = world.client("secretsmanager").describe_secret(SecretId=world.prod.secret("database"))["ARN"]
    context = {"SecretARN": arn}
    blob = world.guard.cloud.kms("eu-west-1").encrypt(key, b"x", context)[0]
    kms = world.client("kms", world.session("reader"))
    assert refusal(kms.decrypt, KeyId=key, CiphertextBlob=blob, EncryptionContext=context) == "AccessDeniedException"


def test_the_keys_policy_denies_whatever_iam_says(world: World, reader: Any) -> None:
    """The canary has no policy of its own, so only its key refuses."""
    name = world.prod.secret("canary")
    assert reader.describe_secret(SecretId=name)["Name"] == name
    assert refusal(reader.get_secret_value, SecretId=name) == "AccessDeniedException"
    assert refusal(reader.put_secret_value, SecretId=name, SecretString="x") == "AccessDeniedException"
    assert refusal(reader.create_secret, Name="platform/prod/x", KmsKeyId=world.prod.keys["secrets"]) == (
        "AccessDeniedException"
    )
    assert world.operator(world.prod).get_secret_value(SecretId=name)["SecretString"] == VALUE


def test_the_deployer_assigns_a_key_within_its_environment_only(world: World) -> None:
    manager, key = world.client("secretsmanager"), world.prod.keys["secrets"]
    manager.create_secret(Name=world.prod.secret("assigned"), KmsKeyId=key)
    assert (
        refusal(manager.create_secret, Name=world.nonprod.secret("assigned"), KmsKeyId=key) == "AccessDeniedException"
    )
    tenants = world.prod.keys["tenants"]
    manager.update_secret(SecretId=world.prod.secret("assigned"), KmsKeyId=tenants)
    foreign = world.nonprod.keys["secrets"]
    assert refusal(manager.update_secret, SecretId=world.prod.secret("assigned"), KmsKeyId=foreign) == (
        "AccessDeniedException"
    )
    manager.delete_secret(SecretId=world.prod.secret("assigned"), ForceDeleteWithoutRecovery=True)


def test_the_deployer_fills_its_own_container_and_reads_it_back(world: World) -> None:
    manager, name = world.client("secretsmanager"), world.prod.secret(DEPLOY_KEY)
    version = manager.put_secret_value(SecretId=name, SecretString="an ssh key")["VersionId"]
    read = manager.get_secret_value(SecretId=name, VersionId=version)
    assert (read["SecretString"], read["VersionStages"]) == ("an ssh key", ["AWSCURRENT"])
    assert manager.describe_secret(SecretId=name)["KmsKeyId"] == world.prod.keys["secrets"]


def test_a_key_that_cannot_work_closes_its_containers(world: World) -> None:
    kms, operator, key = world.client("kms"), world.operator(world.nonprod), world.nonprod.keys["secrets"]
    name = world.nonprod.secret("canary")
    kms.disable_key(KeyId=key)
    assert refusal(operator.get_secret_value, SecretId=name) == "DecryptionFailure"
    assert refusal(operator.put_secret_value, SecretId=name, SecretString="x") == "EncryptionFailure"
    kms.enable_key(KeyId=key)
    assert operator.get_secret_value(SecretId=name)["SecretString"] == VALUE
    absent = key.rsplit("/", 1)[0] + "/00000000-0000-0000-0000-000000000000"
    manager = world.client("secretsmanager")
    assert refusal(manager.create_secret, Name="platform/prod/x", KmsKeyId=absent) == "EncryptionFailure"


def test_a_container_that_waits_for_its_deletion(world: World) -> None:
    manager, name = world.client("secretsmanager"), world.prod.secret("going")
    manager.create_secret(Name=name)
    manager.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    assert refusal(manager.create_secret, Name=name) == "InvalidRequestException"
    assert refusal(manager.get_resource_policy, SecretId=name) == "InvalidRequestException"
    assert manager.describe_secret(SecretId=name)["DeletedDate"]
    manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    manager.create_secret(Name=name)
    manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.mark.parametrize(
    ("code", "policy"),
    [
        ("PublicPolicyException", {"Version": "2012-10-17", "Statement": [{**ANYBODY, "Principal": "*"}]}),
        (
            "MalformedPolicyDocumentException",
            {"Version": "2012-10-17", "Statement": [{**ANYBODY, "Principal": {"AWS": f"{DEPLOYER}-absent"}}]},
        ),
        ("MalformedPolicyDocumentException", {"Version": "2012-10-17", "Statement": [ANYBODY]}),
        (
            "MalformedPolicyDocumentException",
            {"Version": "2012-10-17", "Statement": [{**ANYBODY, "Principal": "*", "Condition": {"Likes": {"a": "b"}}}]},
        ),
        ("MalformedPolicyDocumentException", "no policy"),
    ],
)
def test_a_policy_that_secrets_manager_would_not_take(world: World, code: str, policy: Any) -> None:
    put = world.client("secretsmanager").put_resource_policy
    refused = refusal(
        put, SecretId=world.prod.secret("canary"), ResourcePolicy=json.dumps(policy), BlockPublicPolicy=True
    )
    assert refused == code
