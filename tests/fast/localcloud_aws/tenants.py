"""The tenants' keys of `prod`, from what AwsTenantKeys registers: the judge gets the library's own documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import UNSIGNED

from bootstrap.localcloud.aws.sessions import SessionCredentials
from bootstrap.localcloud.aws.wire import ACCOUNT
from components import AwsTenant, AwsTenantKeys, AwsTenantKeysArgs, DeletionProfile, KeyRef, ServiceAccountRef
from components.aws import policies
from components.aws.statements import to_json
from components.aws.tenant_policies import tenant_key_statements
from components.tenants import AwsKeyStore
from tests.fast.components.mock_engine import run
from tests.fast.localcloud_aws.world import DEPLOYER, World

NODE = f"arn:aws:iam::{ACCOUNT}:role/platform-prod-node"
ADMINISTRATOR = "tenants-administrator"


@dataclass
class Tenants:
    """`acme`, which works by itself, and `globex`, for which an application works."""

    world: World
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        names, key = self.world.prod.names, self.world.prod.keys["tenants"]
        who: dict[str, Any] = {"administrators": [DEPLOYER], "deployers": [DEPLOYER], "writers": []}
        document = policies.tenants_key_policy(names, **who, tenant_keys=tenant_key_statements(names))
        self.world.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=to_json(document))
        arguments = AwsTenantKeysArgs(
            names=names,
            tenants_key=KeyRef(id=key),
            tenants={
                "acme": AwsTenant(service_account=ServiceAccountRef(namespace="acme", name="app")),
                "globex": AwsTenant(role_arn=NODE),
            },
            administrators=[DEPLOYER],
            issuer_url=self.world.prod.issuer.url,
            deletion_profile=DeletionProfile.EPHEMERAL,
        )
        made = run(lambda: AwsTenantKeys("tenants", arguments))
        (table,) = made.of("aws:dynamodb/table:Table")
        self.world.client("dynamodb").create_table(
            TableName=table.inputs["name"],
            BillingMode=table.inputs["billingMode"],
            KeySchema=[
                {"AttributeName": table.inputs["hashKey"], "KeyType": "HASH"},
                {"AttributeName": table.inputs["rangeKey"], "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": one["name"], "AttributeType": one["type"]} for one in table.inputs["attributes"]
            ],
        )
        iam = self.world.client("iam")
        for role in made.of("aws:iam/role:Role"):
            trust = role.inputs["assumeRolePolicy"]
            path = role.inputs.get("path") or "/"
            iam.create_role(Path=path, RoleName=role.inputs["name"], AssumeRolePolicyDocument=trust)
        self.documents: Mapping[str, str] = {
            one.inputs["role"]: one.inputs["policy"] for one in made.of("aws:iam/rolePolicy:RolePolicy")
        }
        for role_name in self.documents:
            self.restore(role_name)

    def restore(self, role_name: str) -> None:
        self.put(role_name, self.documents[role_name])

    def put(self, role_name: str, policy: str) -> None:
        self.world.client("iam").put_role_policy(RoleName=role_name, PolicyName="tenant-keys", PolicyDocument=policy)

    def role(self, name: str) -> str:
        return self.world.prod.names.role_name(name)

    def session(self, name: str) -> SessionCredentials:
        return self.world._standing_session(self.role(name))

    def store(self, holder: str) -> AwsKeyStore:
        """The key store in the hands of a role: `tenant-acme`, `tenant-globex` or the administrators'."""
        return self.store_of(self.session(holder))

    def store_of(self, credentials: SessionCredentials) -> AwsKeyStore:
        return AwsKeyStore(
            table=self.world.prod.names.tenant_table,
            key_arn=self.world.prod.keys["tenants"],
            kms=self._counted("kms", credentials),
            dynamodb=self._counted("dynamodb", credentials),
        )

    def by_token(self, **claims: Any) -> SessionCredentials:
        """Credentials of the role of `acme` for a token of the cluster, as STS gives them."""
        given = self.world.client("sts", UNSIGNED).assume_role_with_web_identity(
            RoleArn=self.world.prod.names.tenant_role_arn("acme"),
            RoleSessionName="test",
            WebIdentityToken=self.world.prod.issuer.token(**claims),
        )["Credentials"]
        return SessionCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "")

    def _counted(self, service: str, credentials: SessionCredentials) -> Any:
        client = self.world._new_client(service, credentials, self.world.prod.names.region)
        client.meta.events.register("before-call", lambda model, **_: self.calls.append(model.name))
        return client
