import json

import pytest

from bootstrap.errors import BootstrapError
from tests.engine.providers.conftest import Stack

PROGRAM = """
import json
import pulumi
import pulumi_aws as aws
import pulumi_tls as tls

aws_provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=["123456789012"])
opts = pulumi.ResourceOptions(provider=aws_provider)
document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
trust = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
key = aws.kms.Key("key", description="DESCRIPTION", enable_key_rotation=True, rotation_period_in_days=365,
                  deletion_window_in_days=7, tags={"owner": "test"}, opts=opts)
aws.kms.Alias("alias", name="alias/test", target_key_id=key.key_id, opts=opts)
secret = aws.secretsmanager.Secret("secret", name="test/key", kms_key_id=key.arn, recovery_window_in_days=0, opts=opts)
aws.secretsmanager.SecretPolicy("secret-policy", secret_arn=secret.arn, policy=document, opts=opts)
private = tls.PrivateKey("private", algorithm="ED25519")
aws.secretsmanager.SecretVersion("version", secret_id=secret.id, secret_string=private.private_key_openssh, opts=opts)
role = aws.iam.Role("role", name="ROLE", assume_role_policy=trust, opts=opts)
aws.iam.RolePolicy("role-policy", name="read", role=role.name, policy=document, opts=opts)
aws.iam.OpenIdConnectProvider("issuer", url="https://127.0.0.1:15300", client_id_lists=["sts.amazonaws.com"],
                              thumbprint_lists=["a" * 40], opts=opts)
pulumi.export("keyArn", key.arn)
pulumi.export("publicKey", private.public_key_openssh)
"""
RESOURCES = 11  # with the stack and the aws provider


def program(description: str = "a key", role: str = "operator") -> str:
    return PROGRAM.replace("DESCRIPTION", description).replace("ROLE", role)


def test_the_life_of_a_stack(stack: Stack) -> None:
    stack.engine.write(program())
    assert stack.run("preview") == {"create": RESOURCES}
    assert stack.client("kms").list_keys()["Keys"] == []
    assert stack.run("up") == {"create": RESOURCES}
    outputs = stack.engine.outputs()
    key_id = outputs["keyArn"].rsplit("/", 1)[-1]
    private = stack.client("secretsmanager").get_secret_value(SecretId="test/key")["SecretString"]
    assert private.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert outputs["publicKey"].startswith("ssh-ed25519 ")

    # Nothing changed: neither for the program nor for the cloud.
    assert stack.run("up", "--expect-no-changes") == {"same": RESOURCES}
    assert stack.run("refresh", "--expect-no-changes")["same"] >= RESOURCES - 1
    assert stack.run("preview", "--expect-no-changes") == {"same": RESOURCES}

    # In place, and by a new one.
    stack.engine.write(program("another", "renamed"))
    assert stack.run("up") == {"same": RESOURCES - 3, "update": 1, "replace": 2}
    assert stack.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == "another"
    assert [role["RoleName"] for role in stack.client("iam").list_roles()["Roles"]] == ["renamed"]

    # Drift: a refresh shows it, the next `up` repairs it. What is gone is made again.
    stack.client("kms").update_key_description(KeyId=key_id, Description="by hand")
    stack.client("iam").delete_role_policy(RoleName="renamed", PolicyName="read")
    refreshed = stack.run("refresh")
    assert (refreshed["update"], refreshed["delete"]) == (1, 1)
    assert stack.run("up") == {"same": RESOURCES - 2, "update": 1, "create": 1}
    assert stack.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == "another"

    # Secrets: encrypted in the state, also after a refresh.
    state = stack.engine.export()
    assert private.splitlines()[1] not in json.dumps(state)
    resources = stack.state()
    for name, field in (("private", "privateKeyPem"), ("version", "secretString")):
        assert "ciphertext" in resources[name]["outputs"][field]

    assert stack.run("destroy") == {"delete": RESOURCES}
    assert stack.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert stack.client("secretsmanager").list_secrets()["SecretList"] == []
    assert stack.client("iam").list_roles()["Roles"] == []
    assert stack.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


@pytest.mark.parametrize(
    ("token", "inputs", "named"),
    [
        ("aws:kms/key:Key", {"descripton": "x"}, "descripton"),
        ("aws:sqs/queue:Queue", {}, "aws:sqs/queue:Queue"),
        ("tls:index/certRequest:CertRequest", {}, "tls:index/certRequest:CertRequest"),
    ],
)
def test_what_is_unknown_is_named(stack: Stack, token: str, inputs: dict[str, str], named: str) -> None:
    stack.engine.write(f"import pulumi\npulumi.CustomResource({token!r}, 'it', {inputs})\n")
    with pytest.raises(BootstrapError, match=named):
        stack.engine.operate("preview", capture=True)


def test_a_name_that_is_taken_is_an_error(stack: Stack) -> None:
    stack.client("secretsmanager").create_secret(Name="test/key", SecretString="somebody else's")
    stack.engine.write(program())
    with pytest.raises(BootstrapError, match="ResourceExistsException"):
        stack.engine.up(capture=True)
    stack.run("destroy")
    assert stack.client("secretsmanager").get_secret_value(SecretId="test/key")["SecretString"] == "somebody else's"


def test_the_plugins_raise_no_warning(stack: Stack) -> None:
    stack.engine.write(program())
    assert "warning" not in stack.engine.operate("preview", capture=True)
