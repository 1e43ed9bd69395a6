"""KMS: the key's policy decides, by principal, service and encryption context."""

import json
from typing import Any

import pytest

from components.aws import policies
from components.aws.statements import to_json
from tests.fast.localcloud_aws.world import DEPLOYER, World, refusal
from tests.local_stack import stop_rotation


def test_the_node_encrypts_etcd_in_its_environments_context(world: World) -> None:
    kms, key = world.node(world.prod), world.prod.keys["etcd"]
    right = {"KeyId": key, "EncryptionContext": {"environment": "prod"}}
    blob = kms.encrypt(**right, Plaintext=b"a key")["CiphertextBlob"]
    assert kms.decrypt(**right, CiphertextBlob=blob)["Plaintext"] == b"a key"
    assert kms.describe_key(KeyId=key)
    for context in ({}, {"environment": "nonprod"}, {"other": "prod"}):
        wrong = {"KeyId": key, "EncryptionContext": context}
        assert refusal(kms.encrypt, **wrong, Plaintext=b"x") == "AccessDeniedException"
        assert refusal(kms.decrypt, **wrong, CiphertextBlob=blob) == "AccessDeniedException"
    both = {"KeyId": key, "EncryptionContext": {"environment": "prod", "more": "x"}}
    assert refusal(kms.decrypt, **both, CiphertextBlob=blob) == "InvalidCiphertextException"


def test_the_other_environments_node_is_refused(world: World) -> None:
    mine = {"KeyId": world.prod.keys["etcd"], "EncryptionContext": {"environment": "prod"}}
    blob = world.node(world.prod).encrypt(**mine, Plaintext=b"x")["CiphertextBlob"]
    stranger = world.node(world.nonprod)
    assert refusal(stranger.decrypt, **mine, CiphertextBlob=blob) == "AccessDeniedException"
    # Without a key in the request the ciphertext names it, and it is judged all the same.
    assert refusal(stranger.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    assert refusal(stranger.describe_key, KeyId=mine["KeyId"]) == "AccessDeniedException"


def test_a_key_administrator_cannot_use_the_key(world: World) -> None:
    kms, key = world.client("kms"), world.prod.keys["etcd"]
    context = {"environment": "prod"}
    blob = world.node(world.prod).encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert refusal(kms.decrypt, CiphertextBlob=blob, EncryptionContext=context) == "AccessDeniedException"
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=context) == "AccessDeniedException"
    assert refusal(kms.generate_data_key, KeyId=key, KeySpec="AES_256") == "AccessDeniedException"


def test_the_operator_decrypts_through_secrets_manager_only(world: World) -> None:
    prod = world.prod
    arn = world.client("secretsmanager").describe_secret(SecretId=prod.secret("canary"))["ARN"]
    context = {"SecretARN": arn, "SecretVersionId": "v"}
    assert world.operator(prod).get_secret_value(SecretId=arn)  # the same permission, by way of the service
    kms = world.operator(prod, "kms")
    blob = world.guard.cloud.kms("eu-west-1").encrypt(prod.keys["secrets"], b"x", context)[0]
    refused = refusal(kms.decrypt, KeyId=prod.keys["secrets"], CiphertextBlob=blob, EncryptionContext=context)
    assert refused == "AccessDeniedException"


def test_a_ciphertext_that_is_none(world: World) -> None:
    kms, key = world.node(world.prod), world.prod.keys["etcd"]
    right = {"KeyId": key, "EncryptionContext": {"environment": "prod"}}
    assert refusal(kms.decrypt, **right, CiphertextBlob=b"x" * 200) == "InvalidCiphertextException"
    blob = kms.encrypt(**right, Plaintext=b"x")["CiphertextBlob"]
    changed = blob[:-1] + bytes([blob[-1] ^ 1])
    assert refusal(kms.decrypt, **right, CiphertextBlob=changed) == "InvalidCiphertextException"
    other = world.guard.cloud.kms("eu-west-1").encrypt(world.nonprod.keys["etcd"], b"x", {})[0]
    assert refusal(kms.decrypt, **right, CiphertextBlob=other) == "IncorrectKeyException"


def key_policy(principal: str, *actions: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_nobody_locks_himself_out_of_a_key(world: World) -> None:
    kms, key = world.client("kms"), world.prod.keys["tenants"]
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    useless = key_policy(DEPLOYER, "kms:DescribeKey")
    assert refusal(kms.put_key_policy, KeyId=key, Policy=useless) == "MalformedPolicyDocumentException"
    assert refusal(kms.create_key, Policy=useless) == "MalformedPolicyDocumentException"
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == before


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::123456789012:role/absent",
        "arn:aws:iam::123456789012:user/absent",
        "arn:aws:iam::999999999999:root",
        "deployer",
    ],
)
def test_a_key_policy_names_principals_that_exist(world: World, principal: str) -> None:
    statements = [
        *json.loads(key_policy(DEPLOYER, "kms:PutKeyPolicy"))["Statement"],
        *json.loads(key_policy(principal, "kms:Decrypt"))["Statement"],
    ]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    assert refusal(world.client("kms").create_key, Policy=text) == "MalformedPolicyDocumentException"


def test_a_key_without_a_policy_delegates_to_iam(world: World) -> None:
    """The default key policy opens the key to IAM, and the deployer's IAM has next to nothing on keys."""
    kms = world.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    assert refusal(kms.describe_key, KeyId=key) == "AccessDeniedException"
    iam = world.client("iam")
    iam.put_role_policy(
        RoleName="platform-prod-node", PolicyName="more", PolicyDocument=json.dumps(identity("kms:DescribeKey", key))
    )
    assert world.node(world.prod).describe_key(KeyId=key)["KeyMetadata"]["KeyUsage"] == "ENCRYPT_DECRYPT"
    iam.delete_role_policy(RoleName="platform-prod-node", PolicyName="more")
    assert refusal(world.node(world.prod).describe_key, KeyId=key) == "AccessDeniedException"


def identity(action: str, resource: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


def test_rotation_keeps_its_period(world: World) -> None:
    kms, key = world.client("kms"), world.prod.keys["secrets"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 100)
    assert refusal(kms.enable_key_rotation, KeyId=key, RotationPeriodInDays=2561) == "ValidationException"
    assert refusal(kms.disable_key_rotation, KeyId=key) == "AccessDeniedException"
    stop_rotation(kms, key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False


def test_a_key_that_is_going_away_does_nothing(world: World) -> None:
    kms = world.client("kms")
    policy = to_json(policies.node_etcd_key_policy(world.prod.names, administrators=[DEPLOYER]))
    key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    iam = world.client("iam")
    document = json.dumps(identity("kms:Encrypt", key))
    iam.put_role_policy(RoleName="platform-prod-node", PolicyName="more", PolicyDocument=document)
    use = {"KeyId": key, "Plaintext": b"x", "EncryptionContext": {"environment": "prod"}}
    assert world.node(world.prod).encrypt(**use)
    kms.disable_key(KeyId=key)
    assert refusal(world.node(world.prod).encrypt, **use) == "DisabledException"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refusal(world.node(world.prod).encrypt, **use) == "KMSInvalidStateException"
    assert refusal(kms.enable_key_rotation, KeyId=key) == "KMSInvalidStateException"
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    iam.delete_role_policy(RoleName="platform-prod-node", PolicyName="more")


def test_keys_are_found_by_their_aliases(world: World) -> None:
    kms, alias = world.client("kms"), world.prod.names.alias("secrets")
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == world.prod.keys["secrets"]
    assert refusal(kms.describe_key, KeyId="alias/absent") == "NotFoundException"
    assert refusal(kms.create_alias, AliasName=alias, TargetKeyId=world.prod.keys["etcd"]) == "AlreadyExistsException"
    assert refusal(kms.describe_key, KeyId="alias/aws/secretsmanager") == "NotFoundException"
    kms.create_alias(AliasName="alias/moved", TargetKeyId=world.prod.keys["secrets"])
    kms.update_alias(AliasName="alias/moved", TargetKeyId=world.prod.keys["etcd"])
    assert kms.describe_key(KeyId="alias/moved")["KeyMetadata"]["Arn"] == world.prod.keys["etcd"]
    kms.delete_alias(AliasName="alias/moved")


def test_only_symmetric_keys_are_served(world: World) -> None:
    refused = refusal(world.client("kms").create_key, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    assert refused == "UnsupportedOperationException"
