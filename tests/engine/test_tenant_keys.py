"""AwsTenantKeys by the real engine on the local AWS, then used with what tokens of a cluster give: up, use, destroy."""

import json
from collections.abc import Iterator

import pytest

from components.tenants import AwsKeyStore, TenantDataError
from tests.engine.program_on_aws import ProgramOnAws

PROGRAM = """
import json, os
import pulumi, pulumi_aws as aws
from components import (
    AwsEnvironmentKeys, AwsEnvironmentKeysArgs, AwsTenant, AwsTenantKeys, AwsTenantKeysArgs, ServiceAccountRef,
    key_policies, parse_config,
)
from components.aws.statements import to_json
from components.aws.trust import irsa_trust

issuer_url, thumbprint = os.environ["TEST_ISSUER"], os.environ["TEST_THUMBPRINT"]
deployer = "arn:aws:iam::123456789012:user/deployer"
config = parse_config({"prefix": "platform", "environments": {"prod": {
    "region": "eu-west-1", "accountId": "123456789012", "deletionProfile": "ephemeral",
    "administrators": [deployer], "deployers": [deployer], "tenantKeys": True,
    "cluster": {"kind": "selfManaged", "kmsPluginImage": "localhost/aws-encryption-provider:v0"},
    "identity": {"kind": "irsa"}, "namespaces": ["apps"], "store": {"conditions": [{"namespaces": ["apps"]}]}}}})
names, environment = config.names("prod"), config.environments["prod"]
issuer = aws.iam.OpenIdConnectProvider(
    "issuer", url=issuer_url, client_id_lists=["sts.amazonaws.com"], thumbprint_lists=[thumbprint])
trust = irsa_trust(provider_arn=names.oidc_provider_arn(issuer_url), issuer_url=issuer_url,
                   namespace="support", service_account="desk")
support = aws.iam.Role("support", name="support", assume_role_policy=to_json(trust),
                       opts=pulumi.ResourceOptions(depends_on=[issuer]))
take = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": names.role_arn("tenants-administrator")}
aws.iam.RolePolicy("support-policy", name="take", role=support.name,
                   policy=json.dumps({"Version": "2012-10-17", "Statement": [take]}))
keys = AwsEnvironmentKeys("keys", AwsEnvironmentKeysArgs(
    names=names, policies=key_policies(names, environment), deletion_profile=environment.deletion_profile))
tenants = AwsTenantKeys("tenants", AwsTenantKeysArgs(
    names=names, tenants_key=keys.tenants, issuer_url=issuer_url, deletion_profile=environment.deletion_profile,
    administrators=["arn:aws:iam::123456789012:role/support"],
    tenants={name: AwsTenant(service_account=ServiceAccountRef(namespace=name, name="app")) for name in TENANTS}),
    pulumi.ResourceOptions(depends_on=[support]))
pulumi.export("table", tenants.table_name)
pulumi.export("key", keys.tenants.id)
pulumi.export("roles", tenants.role_arns)
pulumi.export("administrator", tenants.administrator_role_arn)
"""


class Chain(ProgramOnAws):
    """Its issuer is that of a cluster, in which tenants' applications run."""

    def up(self, *tenants: str) -> None:
        self.run(f"TENANTS = {list(tenants)}\n{PROGRAM}")

    def store(self, credentials: dict[str, str]) -> AwsKeyStore:
        outputs = self.engine.outputs()
        return AwsKeyStore(
            table=outputs["table"],
            key_arn=outputs["key"],
            kms=self.client("kms", credentials),
            dynamodb=self.client("dynamodb", credentials),
        )

    def tenant(self, name: str) -> AwsKeyStore:
        return self.store(self.by_token(self.engine.outputs()["roles"][name], name, "app"))

    def administrator(self) -> AwsKeyStore:
        support = self.by_token("arn:aws:iam::123456789012:role/support", "support", "desk")
        role = self.engine.outputs()["administrator"]
        taken = self.client("sts", support).assume_role(RoleArn=role, RoleSessionName="test")
        return self.store(taken["Credentials"])


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with Chain.running(tmp_path_factory.mktemp("tenants"), project="tenants") as made:
        yield made


def test_from_the_engine_to_a_tenants_data(chain: Chain) -> None:
    chain.up("acme", "globex")
    chain.engine.operate("up", "--yes", "--skip-preview", "--expect-no-changes", capture=True)
    chain.engine.operate("refresh", "--yes", "--skip-preview", "--expect-no-changes", capture=True)

    chain.administrator().onboard("acme")
    message = chain.tenant("acme").cipher("acme").encrypt(b"a tenant's data", {"record": "42"})
    assert chain.tenant("acme").cipher("acme").decrypt(message, {"record": "42"}) == b"a tenant's data"
    with pytest.raises(TenantDataError, match="not authorized"):
        chain.tenant("globex").cipher("acme").decrypt(message, {"record": "42"})

    # The local AWS is ended and started: the wrapped keys are where they were.
    chain.aws.stop()
    chain.aws.start()
    assert chain.tenant("acme").cipher("acme").decrypt(message, {"record": "42"}) == b"a tenant's data"

    # What the stack keeps and the table holds is no key.
    wrapped = chain.administrator().dynamodb.query(
        TableName=chain.engine.outputs()["table"],
        KeyConditionExpression="#id = :id",
        ExpressionAttributeNames={"#id": "branch-key-id"},
        ExpressionAttributeValues={":id": {"S": "acme"}},
    )["Items"]
    assert len(wrapped) == 3
    assert '"branch:' not in json.dumps(chain.engine.export())

    # A tenant that leaves: his key first, then his role.
    assert chain.administrator().shred("acme") == 3
    chain.up("globex")
    with pytest.raises(KeyError):
        chain.tenant("acme")

    chain.engine.operate("destroy", "--yes", "--skip-preview", capture=True)
    deployer = chain.aws.deployer_environment()
    tables = chain.client("dynamodb", _as_credentials(deployer))
    with pytest.raises(tables.exceptions.ResourceNotFoundException):
        tables.describe_table(TableName="platform-prod-tenants")


def _as_credentials(environment: dict[str, str]) -> dict[str, str]:
    return {
        "AccessKeyId": environment["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": environment["AWS_SECRET_ACCESS_KEY"],
    }
